import { setInterval as ticks } from "node:timers/promises";
import { openControl, type Supervisor } from "../../consumers/index.js";
import type { Context } from "../context.js";
import type { StatusLine } from "../render/status-line.js";
import { statusText } from "./render-status.js";

const statusPeriodMs = 1_000;

/** Consumers that this process runs, and through which other commands steer them. */
export class RunningConsumers implements AsyncDisposable {
  readonly supervisors: Supervisor[] = [];
  readonly #controls: AsyncDisposable[] = [];

  async add(supervisor: Supervisor): Promise<void> {
    this.supervisors.push(supervisor);
    this.#controls.push(await openControl(supervisor));
  }

  /** Lets all of them end what they are doing, at the same time. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#controls.map((control) => control[Symbol.asyncDispose]()));
    await Promise.all(this.supervisors.map((supervisor) => supervisor.close()));
  }
}

/** Shows how the consumers are, until they have ended or the context's signal aborts. */
export async function watchConsumers(
  supervisors: readonly Supervisor[],
  {
    status,
    context,
    once,
  }: {
    readonly status: StatusLine;
    readonly context: Context;
    /** Whether they are to end by themselves. */
    readonly once: boolean;
  },
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const ended = once
    ? Promise.all(supervisors.map((supervisor) => supervisor.ended())).then(() => over.abort())
    : Promise.resolve();
  try {
    for await (const _ of ticks(statusPeriodMs, undefined, { signal }))
      await status.update(supervisors.map((one) => statusText(one.status)).join("   "));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (!context.signal.aborted) await ended;
  await status.clear();
}
