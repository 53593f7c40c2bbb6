import { noteCharactersMax } from "../runner/progress.js";
import type { FromHost } from "./messages.js";

type Check = (value: unknown) => boolean;

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isObject: Check = (value) => typeof value === "object" && value !== null;
const isError: Check = (value) => has(value, { code: isText, message: isText });

const isProgress: Check = (value) =>
  has(value, {
    ...{ next: isNumber, committedNext: isNumber, rssBytes: isNumber },
    ...{ handled: isNumber, outputs: isNumber, deadLetters: isNumber },
    watermark: (at) => at === null || isNumber(at),
    note: (note) => note === undefined || (isText(note) && note.length <= noteCharactersMax),
  });

const isDescription: Check = (value) =>
  has(value, {
    ...{ path: isText, name: isText, version: isText, schema: isObject },
    keyed: (flag) => typeof flag === "boolean",
    attemptsMax: isNumber,
    topics: (list) => Array.isArray(list) && list.every(isText),
  });

const isEntries: Check = (value) =>
  Array.isArray(value) && value.every((entry) => has(entry, { group: isNumber, key: isText }));

/** What each kind of message has besides its kind. */
const members: Readonly<Record<FromHost["kind"], Check>> = {
  progress: (message) => has(message, { progress: isProgress }),
  log: (message) =>
    has(message, {
      level: (level) => ["debug", "info", "warn", "error"].includes(level as string),
      fields: isObject,
      message: isText,
    }),
  answer: (message) =>
    has(message, { id: isNumber, error: isError }) ||
    has(message, { id: isNumber, result: isEntries, error: (error) => error === undefined }),
  described: (message) => has(message, { description: isDescription }),
  failed: (message) => has(message, { error: isError }),
  ended: () => true,
};

/**
 * Whether a message is one of ours, whole. A plugin may send what it likes over the same channel,
 * and nothing that it sends may do harm here.
 */
export function isFromHost(message: unknown): message is FromHost {
  const kind = isObject(message) ? (message as { readonly kind?: unknown }).kind : undefined;
  return (
    typeof kind === "string" &&
    Object.hasOwn(members, kind) &&
    members[kind as FromHost["kind"]](message)
  );
}

function has(value: unknown, checks: Readonly<Record<string, Check>>): boolean {
  if (!isObject(value)) return false;
  const found = value as Readonly<Record<string, unknown>>;
  return Object.entries(checks).every(([name, check]) => check(found[name]));
}
