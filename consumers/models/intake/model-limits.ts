import { checkOptions } from "../../../bus/kernel/options.js";

/** What a model from elsewhere may be and take; each can be set. */
export interface ModelLimits {
  /** Bytes of the file. Default 256 MiB. */
  readonly bytesMax: number;
  /** Operators, those of inner graphs included. Default 10,000. */
  readonly nodesMax: number;
  /** How long the trial may take, ms. Default 10,000. */
  readonly trialMs: number;
  /** All memory of the process that makes the trial, bytes. Default 1 GiB. */
  readonly rssBytesMax: number;
}

export const modelLimits: ModelLimits = Object.freeze({
  bytesMax: 256 * 1024 ** 2,
  nodesMax: 10_000,
  trialMs: 10_000,
  rssBytesMax: 1024 ** 3,
});

/** Those given, over the defaults. Throws OPTIONS_INVALID. */
export function completeLimits(given: Partial<ModelLimits> = {}): ModelLimits {
  const limits = { ...modelLimits, ...given };
  checkOptions("model limits", limits, {
    bytesMax: "count",
    nodesMax: "count",
    trialMs: "count",
    rssBytesMax: "count",
  });
  return limits;
}
