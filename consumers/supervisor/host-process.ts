// The program of a consumer's process: it does what the supervisor that forked it says.
import { Worker } from "node:worker_threads";
import type { Logger } from "../../bus/index.js";
import { type ErrorJson, FedbusError, isFedbusError } from "../../schemas/index.js";
import { describePlugin } from "./describe-plugin.js";
import { Host } from "./host.js";
import { beatMs } from "./limits.js";
import type { DescribeRequest, FromHost, HostPlan, TableQuery, ToHost } from "./messages.js";

const stop = new AbortController();
let host: Host | undefined;

/** Resolves when the message has left; a supervisor that is gone hears nothing. */
function tell(message: FromHost): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

const logger: Logger = Object.fromEntries(
  (["debug", "info", "warn", "error"] as const).map((level) => [
    level,
    (fields: object, message: string) =>
      void tell({ kind: "log", level, fields: plain(fields), message: String(message) }),
  ]),
) as unknown as Logger;

/** What can be told of a value that may be no JSON. */
function plain(fields: object): object {
  try {
    return JSON.parse(JSON.stringify(fields)) as object;
  } catch {
    return {};
  }
}

async function run(plan: HostPlan): Promise<void> {
  watchForOrphaning();
  try {
    await using opened = await Host.open(plan, { logger, signal: stop.signal });
    host = opened;
    // Before anything is handled: what the process dies of later must not hide how far it came.
    await tell({ kind: "progress", progress: opened.progress });
    const beat = setInterval(
      () => void tell({ kind: "progress", progress: opened.progress }),
      beatMs,
    );
    try {
      await opened.run();
    } finally {
      clearInterval(beat);
      await tell({ kind: "progress", progress: opened.progress });
      host = undefined;
    }
  } catch (error) {
    await tell({ kind: "failed", error: jsonOf(error) });
    return;
  }
  await tell({ kind: "ended" });
}

async function describe(request: DescribeRequest): Promise<void> {
  watchForOrphaning();
  try {
    await tell({ kind: "described", description: await describePlugin(request) });
  } catch (error) {
    await tell({ kind: "failed", error: jsonOf(error) });
  }
}

async function answer(id: number, query: TableQuery): Promise<void> {
  try {
    if (host === undefined) throw new FedbusError("CLOSED", "the consumer is not running");
    await tell({ kind: "answer", id, result: await host.query(query) });
  } catch (error) {
    await tell({ kind: "answer", id, error: jsonOf(error) });
  }
}

function jsonOf(error: unknown): ErrorJson {
  if (isFedbusError(error)) return error.toJSON();
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new FedbusError("INTERNAL", text).toJSON();
}

/** A blocked event loop notices nothing, so another thread looks. */
function watchForOrphaning(): void {
  const url = new URL("./orphan-watch.js", import.meta.url);
  new Worker(url, {
    workerData: { supervisor: process.ppid },
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  }).unref();
}

// A terminal tells all of its processes at once: when this one is to end, the supervisor says.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
process.on("message", (message: ToHost) => {
  if (message.kind === "start") void run(message.plan);
  else if (message.kind === "query") void answer(message.id, message.query);
  else if (message.kind === "describe") void describe(message.request);
  else if (message.kind === "drain") stop.abort();
});
process.on("disconnect", () => stop.abort());
