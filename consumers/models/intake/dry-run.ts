import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FedbusError } from "../../../schemas/errors.js";
import { completeLimits, type ModelLimits } from "./model-limits.js";
import type { TrialAnswer, TrialReport, TrialRequest } from "./trial-messages.js";

export interface DryRunOptions {
  /** Which output predicts. Default: the only one, or `prediction`. */
  readonly output?: string;
  /** Numbers per row, where the model leaves it open. */
  readonly width?: number;
  /** Rows, one after the other, that the model is to be tried with. Default: made-up ones. */
  readonly rows?: Float32Array;
  readonly limits?: Partial<ModelLimits>;
}

const program = fileURLToPath(new URL("./trial-process.js", import.meta.url));

/** Memory for JavaScript objects of the process, MiB: models are outside of it. */
const heapMb = 256;

/** The process ends itself in time; this is for one that cannot. */
const graceMs = 1000;

/**
 * Runs a model once, in a process of its own that may take so much time and memory and no more, in an
 * empty working directory (a model's bytes may name files below it), without any environment. Rejects
 * with MODEL_REFUSED if the process had to be ended or died, and with what `tryModel` rejects with.
 */
export async function dryRun(model: Uint8Array, options: DryRunOptions = {}): Promise<TrialReport> {
  const limits = completeLimits(options.limits);
  const cwd = await mkdtemp(join(tmpdir(), "fedbus-model-"));
  const child = fork(program, [], {
    cwd,
    env: {},
    execArgv: [`--max-old-space-size=${heapMb}`],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  try {
    const { output, width, rows } = options;
    const answer = await answerOf(child, { model, output, width, rows, ...limits });
    if ("report" in answer) return answer.report;
    throw FedbusError.fromJSON(answer.error);
  } finally {
    await ended(child);
    await rm(cwd, { recursive: true, force: true });
  }
}

/** Rejects if the process ends without an answer. */
async function answerOf(child: ChildProcess, request: TrialRequest): Promise<TrialAnswer> {
  const began = performance.now();
  const timer = setTimeout(() => child.kill("SIGKILL"), request.trialMs + graceMs);
  try {
    return await new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        const late = performance.now() - began > request.trialMs;
        reject(refused(why(signal ?? `code ${code}`, late, request), request));
      });
      child.send(request, (error) => error && reject(error));
    });
  } finally {
    clearTimeout(timer);
  }
}

function why(end: string, late: boolean, { trialMs, rssBytesMax }: TrialRequest): string {
  if (end !== "SIGKILL") return `the process that tried it ended with ${end}`;
  return late
    ? `trying it took more than ${trialMs} ms (trialMs)`
    : `trying it took more than ${rssBytesMax} bytes of memory (rssBytesMax)`;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}

function refused(problem: string, { trialMs, rssBytesMax }: TrialRequest): FedbusError {
  return new FedbusError("MODEL_REFUSED", `the model is refused: ${problem}`, {
    details: { problems: [problem], trialMs, rssBytesMax },
  });
}
