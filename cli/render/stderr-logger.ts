import type { Logger } from "../../bus/index.js";
import type { Output } from "../output.js";
import { showTime } from "./amounts.js";
import type { Colours } from "./colours.js";
import { escapeText } from "./escape.js";

export interface LoggerOptions {
  readonly json: boolean;
  readonly debug: boolean;
  readonly colours: Colours;
}

/** Logs to standard error, for a person or as JSON lines. */
export function createLogger(err: Output, { json, debug, colours }: LoggerOptions): Logger {
  const paint = {
    debug: colours.dim,
    info: colours.green,
    warn: colours.yellow,
    error: colours.red,
  };
  const write = (level: keyof Logger, fields: object, message: string): void => {
    const time = showTime(Date.now());
    const line = json
      ? escapeText(JSON.stringify({ time, level, message, ...fields }))
      : `${colours.dim(time)} ${paint[level](level.padEnd(5))} ${escapeText(message)} ${colours.dim(escapeText(fieldsOf(fields)))}`;
    void err.line(line.trimEnd());
  };
  return {
    debug: debug ? (fields, message) => write("debug", fields, message) : () => {},
    info: (fields, message) => write("info", fields, message),
    warn: (fields, message) => write("warn", fields, message),
    error: (fields, message) => write("error", fields, message),
  };
}

function fieldsOf(fields: object): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}
