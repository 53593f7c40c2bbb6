import { eventLimits } from "../../schemas/index.js";
import type { Metrics } from "../models/metrics/metrics.js";
import type { Context } from "../plugin/context.js";
import type { Lineage, TrainedModel } from "./lineage.js";
import { encodeModel, problemOfFile } from "./model-file.js";
import type { Downsampling } from "./sampling.js";
import { settingsOf } from "./settings.js";
import type { Candidate, NoCandidate } from "./student.js";
import { isSupervised, type TrainPlan } from "./train-plan.js";

/** How much of the baseline's loss a model must save: less is chance. */
const gainMin = 0.005;

/** What a lineage may take of an event, in which there is more. */
const lineageBytesMax = eventLimits.eventBytesMax - 8_192;

/** Why a model was not published. */
export type RejectionReason =
  | NoCandidate["reason"]
  | "not-finite"
  | "disagrees"
  | "baseline"
  | "too-large";

/** Body of an event on `models.NAME.rejected`. */
export interface RejectedModel {
  readonly reason: RejectionReason;
  readonly message: string;
  readonly metrics?: Metrics;
  readonly baseline?: Lineage["baseline"];
}

/** What is kept of what was published, as JSON. */
export interface PublishedState {
  /** The last version: what was published, or taken in under the same name. */
  readonly version: number;
}

/** What of a model's lineage the course of its training tells. */
export type Circumstances = Pick<Lineage, "features" | "inputs" | "offsets">;

/** Publishes models that are fit for it, and says why others are not. */
export class Publisher {
  readonly #plan: TrainPlan;
  readonly #code: string | undefined;
  readonly #name: string;
  readonly #downsampling: Downsampling | undefined;
  #published: PublishedState;

  constructor(
    plan: TrainPlan,
    setup: {
      readonly name: string;
      /** SHA-256 of the plugin's code. */
      readonly code: string | undefined;
      readonly downsampling: Downsampling | undefined;
    },
    published: PublishedState = { version: 0 },
  ) {
    this.#plan = plan;
    this.#name = setup.name;
    this.#code = setup.code;
    this.#downsampling = setup.downsampling;
    this.#published = published;
  }

  get state(): PublishedState {
    return this.#published;
  }

  /** A model of the same name came from elsewhere: its number is taken. */
  took(version: number): void {
    this.#published = { version: Math.max(version, this.#published.version) };
  }

  /** Publishes the candidate, or says why not. Tells whether it did. */
  async publish(
    candidate: Candidate | NoCandidate,
    circumstances: Circumstances,
    context: Context,
  ): Promise<boolean> {
    if ("reason" in candidate) return this.#reject(candidate, context);
    const { metrics, baseline } = candidate;
    const measured = { metrics, ...(baseline && { baseline }) };
    const worse = this.#problemOfQuality(candidate);
    if (worse !== undefined) return this.#reject({ ...worse, ...measured }, context);
    const lineage = await this.#lineage(candidate, circumstances);
    const lineageBytes = Buffer.byteLength(JSON.stringify(lineage));
    if (lineageBytes > lineageBytesMax)
      return this.#reject({ ...tooLarge(lineageBytes), ...measured }, context);
    const bytes = encodeModel(candidate, this.#downsampling, lineage);
    const problem = await problemOfFile(bytes, candidate, this.#downsampling);
    if (problem !== undefined) return this.#reject({ ...problem, ...measured }, context);
    const sha256 = await context.blobs.put(bytes);
    this.#emit({ ...lineage, sha256, bytes: bytes.length }, context);
    return true;
  }

  #reject(rejected: RejectedModel, context: Context): false {
    context.emit(`models.${this.#name}.rejected`, rejected);
    return false;
  }

  #emit(trained: TrainedModel, context: Context): void {
    const { sha256, version } = trained;
    context.emit(`models.${this.#name}.trained`, trained);
    this.#published = { version };
    if (this.#plan.promote !== "trained") return;
    // Not what answered before: only the log knows what others have promoted since.
    context.emit(`models.${this.#name}.promoted`, { sha256, version, reason: "trained" });
  }

  #problemOfQuality({ metrics, baseline }: Candidate): Omit<RejectedModel, "metrics"> | undefined {
    const { task } = this.#plan;
    if (!isSupervised(task) || this.#plan.baseline === false || baseline === undefined)
      return undefined;
    const [own, without] = [lossOf(metrics), lossOf(baseline)];
    if (own !== undefined && without !== undefined && own < without * (1 - gainMin))
      return undefined;
    return {
      reason: "baseline",
      message: `its ${lossNameOf(metrics)} of ${own} is not clearly below the ${without} of the baseline (${baseline.rule})`,
    };
  }

  async #lineage(candidate: Candidate, circumstances: Circumstances): Promise<Lineage> {
    const { metrics, baseline, rows } = candidate;
    return {
      ...{ name: this.#name, version: this.#published.version + 1 },
      ...(await settingsOf(this.#plan, this.#code)),
      ...{ ...circumstances, rows, metrics },
      ...(baseline && { baseline }),
    };
  }
}

function tooLarge(bytes: number): Pick<RejectedModel, "reason" | "message"> {
  const message = `its features take ${bytes} bytes to declare, and ${lineageBytesMax} fit an event`;
  return { reason: "too-large", message };
}

/**
 * What models are compared by: log loss, by the weights of classes where they have some, or the root of the mean
 * squared error.
 */
export function lossOf(metrics: Metrics): number | undefined {
  return metrics[lossNameOf(metrics)] ?? undefined;
}

function lossNameOf({ weightedLogLoss, logLoss }: Metrics) {
  if (weightedLogLoss !== undefined) return "weightedLogLoss";
  return logLoss === undefined ? "rmse" : "logLoss";
}
