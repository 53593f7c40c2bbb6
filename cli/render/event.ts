import type { BusEvent } from "../../bus/index.js";
import type { Description, Descriptions } from "../../schemas/describe.js";
import { valueAt } from "../path.js";
import { showLocalTime, showTime } from "./amounts.js";
import type { Colours } from "./colours.js";
import { escapeJson, escapeLines, escapeText, jsonLine } from "./escape.js";

export type EventStyle = "line" | "pretty" | "terse" | "json";

export interface EventFormatOptions {
  readonly style: EventStyle;
  /** Dotted paths: then only these are shown. */
  readonly fields?: readonly string[];
  readonly colours: Colours;
  /** What terse lines say, where it knows a sentence. */
  readonly descriptions?: Descriptions;
  /** Lines are cut to this many characters. Default: never. */
  readonly columns?: number;
}

/** An event as text for a person or, for `json`, a program: safe, and ended by a line break. */
export type EventFormat = (event: BusEvent) => string;

export function eventFormat(options: EventFormatOptions): EventFormat {
  const { style, fields, colours } = options;
  const columns = options.columns ?? Number.POSITIVE_INFINITY;
  if (fields !== undefined) return style === "json" ? fieldsJson(fields) : fieldsLine(fields);
  switch (style) {
    case "json":
      return (event) => `${escapeJson(recordOf(event))}\n`;
    case "pretty":
      return (event) => pretty(event, colours);
    case "terse":
      return (event) => terse(event, { ...options, columns });
    case "line":
      return (event) => line(event, colours, columns);
  }
}

/** `{"offset":…,"recordedAt":…,"event":…}`, the event as its publisher wrote it. */
function recordOf(event: BusEvent): string {
  const { offset, recordedAt, bytes } = event;
  return `{"offset":${offset},"recordedAt":${recordedAt},"event":${bytes.toString("utf8")}}`;
}

function line(event: BusEvent, colours: Colours, columns: number): string {
  const offset = String(event.offset).padStart(6);
  const time = showTime(event.recordedAt);
  const topic = escapeText(event.topic);
  const used = offset.length + time.length + topic.length + 3;
  const body = cut(escapeText(JSON.stringify(event.msg) ?? "null"), columns - used);
  return `${colours.dim(`${offset} ${time}`)} ${colours.cyan(topic)} ${body}\n`;
}

function terse(
  event: BusEvent,
  { colours, columns, descriptions }: EventFormatOptions & { readonly columns: number },
): string {
  const time = showLocalTime(event.recordedAt);
  const segments = event.topic.split(".");
  const place = segments.slice(0, -3).map((segment) => `${escapeText(segment)}.`);
  const end = escapeText(segments.slice(-3).join("."));
  const used = time.length + place.join("").length + end.length + 2;
  const said = sentenceOf(descriptions?.of(event.envelope)) ?? summaryOf(event.msg);
  const text = cut(escapeText(said), columns - used);
  return `${colours.dim(`${time} ${place.join("")}`)}${colours.cyan(end)} ${text}\n`;
}

function sentenceOf(description: Description | undefined): string | undefined {
  const { title, subtitle = title, link } = description ?? {};
  return subtitle === undefined ? undefined : [subtitle, ...(link ? [link] : [])].join(" ");
}

/** The plain values in a body, as `key=value`; the whole body if it has none. */
function summaryOf(msg: unknown): string {
  if (typeof msg !== "object" || msg === null) return textOf(msg);
  const plain = Object.entries(msg).filter(([, value]) => typeof value !== "object");
  if (plain.length === 0) return JSON.stringify(msg);
  return plain.map(([key, value]) => `${key}=${textOf(value)}`).join(" ");
}

function pretty(event: BusEvent, colours: Colours): string {
  const { offset, recordedAt, envelope } = event;
  const { certificate, signature, ...shown } = envelope;
  const signed = signature === undefined ? "" : "  signed";
  const title = `${colours.bold(escapeText(event.topic))}  ${colours.dim(`offset ${offset}  ${showTime(recordedAt)}${signed}`)}`;
  return `${title}\n${escapeLines(JSON.stringify(shown, undefined, 2))}\n`;
}

function fieldsLine(fields: readonly string[]): EventFormat {
  return (event) =>
    `${fields.map((path) => escapeText(textOf(valueAt(event, path)))).join(", ")}\n`;
}

function fieldsJson(fields: readonly string[]): EventFormat {
  return (event) => {
    const values = fields.map((path) => [path, valueAt(event, path) ?? null] as const);
    const { offset, recordedAt } = event;
    const record = { offset, recordedAt, fields: Object.fromEntries(values) };
    return jsonLine(record);
  };
}

/** Strings as they are, what is missing as `-`, the rest as JSON. */
function textOf(value: unknown): string {
  if (value === undefined) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
