import { Worker } from "node:worker_threads";
import { type ErrorJson, FedbusError } from "./errors.js";
import { plainCopy, type SchemaDefinition } from "./schema-definition.js";

/** How long vetting may take. */
export interface VetOptions {
  /** Milliseconds that compiling and trying it may take, once the worker runs; on a busy machine that is more than its own work. Default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What the worker says: once when it is ready to compile, once when it has. */
export type VetMessage = "ready" | "passed" | ErrorJson;

const startTimeoutMs = 10_000;
const heapMbMax = 256;

/**
 * Compiles the schema in a worker thread and tries it on nested bodies; the thread is ended when it takes too long or too much memory:
 * a hostile schema cannot hold up the process. Resolves if the schema can be used; rejects with
 * SCHEMA_INVALID, SCHEMA_LIMIT or PATTERN_INVALID, or with the signal's reason.
 */
export async function vetSchema(
  definition: SchemaDefinition,
  options: VetOptions = {},
): Promise<void> {
  const { timeoutMs = 5_000, signal } = options;
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./vet-worker.js", import.meta.url), {
    workerData: plainCopy(definition),
    resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
    env: {},
    execArgv: [],
    stdin: false,
  });
  try {
    await verdictOf(worker, timeoutMs, signal);
  } finally {
    await worker.terminate();
  }
}

function verdictOf(worker: Worker, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const expire = (ms: number) =>
      setTimeout(() => reject(tooSlow(`it took longer than ${ms} ms`, { timeoutMs: ms })), ms);
    let timer = expire(startTimeoutMs);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      finish();
    };
    const abort = () => settle(() => reject(signal?.reason as Error));
    signal?.addEventListener("abort", abort, { once: true });
    worker.on("message", (message: VetMessage) => {
      if (message === "ready") {
        clearTimeout(timer);
        timer = expire(timeoutMs);
      } else if (message === "passed") settle(resolve);
      else settle(() => reject(FedbusError.fromJSON(message)));
    });
    worker.on("error", (error) => settle(() => reject(failed(error))));
    worker.on("exit", () => settle(() => reject(tooSlow("its worker ended early", {}))));
  });
}

function failed(error: Error & { readonly code?: string }): Error {
  return error.code === "ERR_WORKER_OUT_OF_MEMORY"
    ? tooSlow(`it took more than ${heapMbMax} MiB`, { heapMbMax })
    : new FedbusError("INTERNAL", "the worker that vets schemas failed", { cause: error });
}

function tooSlow(why: string, details: Readonly<Record<string, unknown>>): FedbusError {
  return new FedbusError("SCHEMA_LIMIT", `compiling the schema was ended: ${why}`, { details });
}
