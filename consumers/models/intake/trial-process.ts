// The program of the process in which a model from elsewhere is tried.
import { Worker } from "node:worker_threads";
import { type ErrorJson, FedbusError } from "../../../schemas/errors.js";
import { tryModel } from "./trial.js";
import type { TrialAnswer, TrialRequest } from "./trial-messages.js";

/** What native code runs here leaves no turn to the event loop, so a thread of its own looks after it. */
const guard = new URL("./trial-guard.js", import.meta.url);

process.once("message", (request: TrialRequest) => {
  const { trialMs, rssBytesMax } = request;
  new Worker(guard, { workerData: { trialMs, rssBytesMax } }).once("online", () => {
    void tryModel(request).then(
      (report) => answer({ report }),
      (error: unknown) => answer({ error: jsonOf(error) }),
    );
  });
});

function answer(message: TrialAnswer): void {
  process.send?.(message, () => process.disconnect());
}

function jsonOf(error: unknown): ErrorJson {
  if (error instanceof FedbusError) return error.toJSON();
  return { code: "MODEL_FAILED", message: error instanceof Error ? error.message : String(error) };
}
