import type { ServeConsumer } from "../../consumers/index.js";
import type { Task } from "../../consumers/models/learners/learner.js";
import type { Report } from "../../consumers/models/metrics/prequential.js";
import { modelCardIn } from "../../consumers/serve/model-card.js";
import { FedbusError } from "../../schemas/index.js";
import type { ReplayOptions } from "../engine/options.js";
import { Replay } from "../engine/replay.js";
import { loggedOutputs } from "../outputs/logged-outputs.js";
import type { Output } from "../outputs/output.js";
import { storedOutputs } from "../outputs/stored-outputs.js";
import { OutcomeMetrics } from "./outcome-metrics.js";

export interface ScorePastOptions extends Omit<ReplayOptions, "consumer"> {
  /** What serves the model; it needs `outcomes`. */
  readonly consumer: ServeConsumer;
  /** SHA-256 of the candidate: 64 hexadecimal digits. */
  readonly sha256: string;
  /** The probability from which on a row counts as class 1, for the metrics. Default 0.5. */
  readonly threshold?: number;
}

/** How a candidate would have done. */
export interface PastScores {
  readonly sha256: string;
  /** The events that were scored: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** False if it was told to stop before the end: what is said is of a part. */
  readonly isComplete: boolean;
  readonly predictions: number;
  /** Events that it gave no number for. */
  readonly unscored: number;
  /** Of predictions of which it is known what was the case: over the last 100,000, in all, and without a model. */
  readonly metrics: Report;
  /** The same of what was published for those events, by whatever model answered; absent if nothing was. */
  readonly live?: Report;
}

/**
 * Scores the past with a model that has never answered: what it would have said, and how well, beside what was
 * published. It runs as a replay does (resumably, in `dir`) and publishes nothing.
 * Rejects with BLOB_NOT_FOUND, BLOB_CORRUPT, with what loading the model says, and as `Replay` does.
 */
export async function scorePast({
  consumer,
  sha256,
  threshold = 0.5,
  ...options
}: ScorePastOptions): Promise<PastScores> {
  const { source, signal } = options;
  const { task } = modelCardIn(await source.blobs.get(sha256));
  await using replay = await Replay.open({ ...options, consumer: consumer.pinnedTo(sha256) });
  const { isComplete, next } = await replay.run();
  const { from } = replay.plan;
  const tally = new Tally(task, threshold, from);
  for await (const output of storedOutputs(replay.store)) tally.take(output);
  const live = new Tally(task, threshold, from);
  const { head } = await source.info();
  const range = { from, to: head, ...(signal !== undefined && { signal }) };
  for await (const output of loggedOutputs(source, consumer.name, range))
    if (output.cause.offset < next) live.take(output);
  const { predictions, unscored } = tally;
  const liveReport = live.report();
  return {
    ...{ sha256, from, to: next, isComplete, predictions, unscored },
    metrics: tally.report() ?? new OutcomeMetrics(task, 2, threshold).report(),
    ...(liveReport !== undefined && { live: liveReport }),
  };
}

/** Counts predictions, and adds up outcomes. */
class Tally {
  predictions = 0;
  unscored = 0;
  readonly #task: Task;
  readonly #threshold: number;
  readonly #from: number;
  #metrics: OutcomeMetrics | undefined;

  constructor(task: Task, threshold: number, from: number) {
    this.#task = task;
    this.#threshold = threshold;
    this.#from = from;
  }

  take({ envelope: { topic, msg } }: Output): void {
    const kind = /^models\.[^.]+\.([^.]+)$/.exec(topic)?.[1];
    const body = msg as Body;
    if (kind === "refused")
      throw new FedbusError("MODEL_REFUSED", `the model is refused: ${body.reason}`, {
        details: { code: body.code, sha256: body.sha256 },
      });
    if (kind === "outcome") this.#outcome(body);
    else if (kind !== undefined || !("output" in body)) return;
    else if (body.sha256 === undefined) this.unscored++;
    else this.predictions++;
  }

  /** Undefined if there were no outcomes. */
  report(): Report | undefined {
    return this.#metrics?.report();
  }

  #outcome({ label, output, offset }: Body): void {
    // Labels come later: of an event before the range, only what was published can have an outcome in it.
    if (offset! < this.#from) return;
    const outputs = Array.isArray(output) ? output : [output];
    this.#metrics ??= new OutcomeMetrics(this.#task, outputs.length, this.#threshold);
    this.#metrics.add(label as number, outputs as number[]);
  }
}

/** Of whatever a consumer that serves puts out. */
interface Body {
  readonly sha256?: string;
  readonly output?: unknown;
  readonly label?: unknown;
  /** Of the event that was scored. */
  readonly offset?: number;
  readonly reason?: string;
  readonly code?: string;
}
