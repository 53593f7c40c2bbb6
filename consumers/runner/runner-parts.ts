import type { Blobs, Logger } from "../../bus/index.js";
import type { Consumer } from "../plugin/consumer.js";
import type { RecordedAnswers } from "../plugin/recorded-answers.js";
import type { StateStore } from "../store/state-store.js";
import type { BatchSlabs } from "./batch-slabs.js";
import type { RunnerLimits } from "./limits.js";
import type { Outbox } from "./outbox.js";
import type { Progress } from "./progress.js";
import type { Deliveries } from "./redelivery.js";

/** Points of a run at which a test may end the process. */
export type Step = "read" | "handle" | "flush" | "commit" | "committed" | "failed";

/** Which of the processes that share a consumer's work this is: 0 of 1 if it is alone. */
export interface Partition {
  readonly index: number;
  readonly count: number;
}

/** What the parts of a run share. */
export interface RunnerParts {
  readonly consumer: Consumer;
  readonly config: unknown;
  /** Who writes outputs. */
  readonly by: { readonly consumer: string; readonly version: string };
  readonly deliveries: Deliveries;
  readonly replay: boolean;
  readonly answers: RecordedAnswers | undefined;
  readonly partition: Partition;
  readonly store: StateStore;
  readonly blobs: Blobs;
  readonly outbox: Outbox;
  /** Where batches get their memory; undefined if that is in use after they are committed. */
  readonly slabs: BatchSlabs | undefined;
  readonly limits: RunnerLimits;
  readonly progress: Progress;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly hook: (step: Step) => void;
}
