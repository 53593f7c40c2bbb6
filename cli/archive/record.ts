import type { BusEvent } from "../../bus/index.js";
import { FedbusError } from "../../schemas/errors.js";
import type { InputLine } from "../input/lines.js";
import { textOf } from "./text-of.js";

/** One event of an export, with its exact bytes. */
export interface ArchivedEvent {
  readonly offset: number;
  readonly recordedAt: number;
  readonly bytes: Buffer;
}

/** `{"offset":N,"recordedAt":N,"event":` and then the event, up to the closing brace. */
const head = /^\{"offset":(\d{1,16}),"recordedAt":(\d{1,16}),"(event|text)":/;
const newline = 0x0a;

/**
 * One line of an export. The event stands in it byte for byte as `event`; if it holds a line break,
 * its text stands as a JSON string, as `text`.
 */
export function encodeRecord({ offset, recordedAt, bytes }: BusEvent): Buffer {
  const opening = `{"offset":${offset},"recordedAt":${recordedAt},`;
  if (bytes.includes(newline))
    return Buffer.from(`${opening}"text":${JSON.stringify(bytes.toString("utf8"))}}\n`);
  return Buffer.concat([Buffer.from(`${opening}"event":`), bytes, Buffer.from("}\n")]);
}

/** The event in a line of an export. Throws INPUT_INVALID, naming the line, and JSON_NOT_UTF8. */
export function decodeRecord({ number, bytes }: InputLine): ArchivedEvent {
  const [whole = "", offset, recordedAt, kind] = head.exec(bytes.toString("latin1", 0, 80)) ?? [];
  if (kind === undefined || bytes.at(-1) !== 0x7d) throw notRecord(number);
  const body = bytes.subarray(whole.length, -1);
  return {
    offset: Number(offset),
    recordedAt: Number(recordedAt),
    bytes: kind === "event" ? body : Buffer.from(textIn(body, number)),
  };
}

function textIn(body: Buffer, line: number): string {
  const json = textOf(body);
  try {
    const text: unknown = JSON.parse(json);
    if (typeof text === "string") return text;
  } catch {
    // Told below: what is no JSON is no string either.
  }
  throw notRecord(line);
}

function notRecord(line: number): FedbusError {
  const remedy =
    "give a file that `fedbus log export` wrote; whole events go in by `fedbus publish`";
  return new FedbusError("INPUT_INVALID", `line ${line} is not a record of an export`, {
    details: { line, remedy },
  });
}
