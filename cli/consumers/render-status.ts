import type { ConsumerStatus } from "../../consumers/index.js";
import { showBytes, showCount, showMany, showTime } from "../render/amounts.js";
import { escapeText } from "../render/escape.js";
import { table } from "../render/table.js";

const header = [
  ...["CONSUMER", "STATE", "OFFSET", "LAG", "EVENTS/S"],
  ...["HANDLED", "OUTPUTS", "DEAD", "RESTARTS", "PROCESSES"],
];

/** How a consumer is, and how many of its dead letters nobody has dealt with, if they were counted. */
export type CountedStatus = ConsumerStatus & { readonly openDeadLetters?: number };

/** Consumers as a table, a line each. */
export function statusTable(statuses: readonly CountedStatus[]): string {
  const rows = statuses.map((status) => [
    status.name,
    status.state,
    String(status.offset),
    lagOf(status),
    showCount(status.rate),
    showCount(status.handled),
    showCount(status.outputs),
    showCount(status.openDeadLetters ?? status.deadLetters),
    showCount(status.restarts),
    String(status.parallelism),
  ]);
  return table([header, ...rows], [2, 3, 4, 5, 6, 7, 8, 9]);
}

/** A consumer in a few words, for a status line. */
export function statusText(status: ConsumerStatus): string {
  const { name, state, rate, deadLetters, error } = status;
  const parts = [`${name} ${state}`, `lag ${lagOf(status)}`, `${showCount(rate)} events/s`];
  if (deadLetters > 0) parts.push(showMany(deadLetters, "dead letter"));
  if (error !== undefined && state !== "running") parts.push(escapeText(error.message));
  return parts.join(", ");
}

/** Everything about a consumer, for a person. */
export function statusDetails(status: CountedStatus): string {
  const { error, watermark, head, notes = [] } = status;
  const rows = [
    ["consumer", status.name],
    ["state", status.state],
    ["plugin", status.path || "-"],
    ["version", status.version || "-"],
    ...(status.topics.length === 0 ? [] : [["topics", status.topics.join(", ")]]),
    ["offset", `${status.offset} of ${head ?? "?"}, lag ${lagOf(status)}`],
    ["rate", `${showCount(status.rate)} events/s`],
    ["handled", `${showMany(status.handled, "event")}, ${showMany(status.outputs, "output")}`],
    ["dead letters", lettersOf(status)],
    ["watermark", showTime(watermark)],
    ["generation", String(status.generation)],
    ["restarts", showCount(status.restarts)],
    ...notes.map((note) => ["note", escapeText(note)]),
    ...(error === undefined ? [] : [["last error", `${error.message} (${error.code})`]]),
  ];
  return `${table(rows)}\n${partitionTable(status)}`;
}

function partitionTable({ partitions }: ConsumerStatus): string {
  const rows = partitions.map(({ state, pid, progress, rate, restarts }, index) => [
    String(index),
    state,
    pid === undefined ? "-" : String(pid),
    progress === undefined ? "-" : String(progress.committedNext),
    showCount(rate),
    progress === undefined ? "-" : showBytes(progress.rssBytes),
    String(restarts),
  ]);
  const titles = ["PARTITION", "STATE", "PROCESS", "OFFSET", "EVENTS/S", "MEMORY", "RESTARTS"];
  return rows.length === 0 ? "" : table([titles, ...rows], [0, 2, 3, 4, 5, 6]);
}

function lettersOf({ deadLetters, openDeadLetters }: CountedStatus): string {
  const all = showCount(deadLetters);
  return openDeadLetters === undefined ? all : `${showCount(openDeadLetters)} open, ${all} in all`;
}

function lagOf({ lag }: ConsumerStatus): string {
  return lag === undefined ? "?" : showCount(lag);
}
