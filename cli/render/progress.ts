import { createRequire } from "node:module";
import type { Context } from "../context.js";

/** How far long work is. */
export interface Progress {
  update(done: number, note?: string): void;
  stop(): void;
}

/** Only a terminal ever needs it. */
const require = createRequire(import.meta.url);

const silent: Progress = { update: () => {}, stop: () => {} };

/** A bar on standard error when that is a terminal; else nothing. `total` in any unit. */
export function startProgress(context: Context, what: string, total: number): Progress {
  if (!context.err.isTerminal || context.json || !(total > 0)) return silent;
  const { SingleBar } = require("cli-progress") as typeof import("cli-progress");
  const bar = new SingleBar({
    format: `${what} {bar} {percentage}% {note}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    fps: 8,
  });
  bar.start(total, 0, { note: "" });
  return {
    update: (done, note = "") => bar.update(Math.min(done, total), { note }),
    stop: () => bar.stop(),
  };
}
