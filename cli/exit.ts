import type { ErrorCode } from "../schemas/errors.js";

/** What the process's exit code says. The numbers never change their meaning. */
export const exit = {
  ok: 0,
  /** Done, but something was refused, or a check found something wrong. */
  problems: 1,
  usage: 2,
  notFound: 3,
  inUse: 4,
  unreachable: 5,
  damaged: 6,
  disk: 7,
  /** Done, and what was compared differs. */
  different: 8,
  internal: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

const byCode: Partial<Record<ErrorCode, ExitCode>> = {
  PATTERN_INVALID: exit.usage,
  ADDRESS_INVALID: exit.usage,
  ADDRESS_REFUSED: exit.usage,
  OPTIONS_INVALID: exit.usage,
  EXPRESSION_INVALID: exit.usage,
  INPUT_INVALID: exit.usage,
  OFFSET_INVALID: exit.usage,
  LOG_NOT_FOUND: exit.notFound,
  LOG_TRUNCATED: exit.notFound,
  PLUGIN_NOT_FOUND: exit.notFound,
  CONSUMER_UNKNOWN: exit.notFound,
  DEAD_LETTER_UNKNOWN: exit.notFound,
  STATE_NOT_FOUND: exit.notFound,
  CONSUMER_IN_USE: exit.inUse,
  CONSUMER_BUSY: exit.unreachable,
  PLUGIN_INVALID: exit.usage,
  SCHEMA_UNKNOWN: exit.notFound,
  SCHEMA_VERSION_UNKNOWN: exit.notFound,
  LOG_EXISTS: exit.inUse,
  LOG_IN_USE: exit.inUse,
  LOG_FENCED: exit.inUse,
  ADDRESS_IN_USE: exit.inUse,
  SPOOL_IN_USE: exit.inUse,
  HUB_UNREACHABLE: exit.unreachable,
  HUB_BUSY: exit.unreachable,
  PROTOCOL_INVALID: exit.unreachable,
  PROTOCOL_VERSION: exit.unreachable,
  PUBLISH_UNKNOWN: exit.unreachable,
  BLOCK_INVALID: exit.damaged,
  BLOCK_CORRUPT: exit.damaged,
  BLOCK_VERSION: exit.damaged,
  LOG_FORMAT_NEWER: exit.damaged,
  LOG_CORRUPT: exit.damaged,
  LOG_DIVERGED: exit.damaged,
  MODEL_UNKNOWN: exit.notFound,
  MODEL_INVALID: exit.usage,
  MODEL_REFUSED: exit.usage,
  BLOB_NOT_FOUND: exit.notFound,
  BLOB_CORRUPT: exit.damaged,
  LOG_WRITE_FAILED: exit.disk,
  LOG_DISK_LOW: exit.disk,
  INTERNAL: exit.internal,
};

/** The exit code for a failure. A refused event or schema, and whatever is not listed, is 1. */
export function exitCodeFor(code: ErrorCode): ExitCode {
  return byCode[code] ?? exit.problems;
}

/** For the end of `--help`. */
export const exitCodesHelp = [
  "Exit codes:",
  "  0  done                      5  no hub answers",
  "  1  something was refused,    6  the log is damaged or newer",
  "     or a check found faults   7  the disk is full or fails",
  "  2  wrong usage               8  what was compared differs",
  "  3  no such log or schema     70  a fault in fedbus itself",
  "  4  in use by another process 130 interrupted",
].join("\n");
