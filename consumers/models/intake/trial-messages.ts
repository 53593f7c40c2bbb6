import type { ErrorJson } from "../../../schemas/errors.js";

/** What a trial is made of: sent to its process. */
export interface TrialRequest {
  readonly model: Uint8Array;
  /** The output that predicts; see `ModelSession`. */
  readonly output: string | undefined;
  /** Numbers per row, where the model does not say. */
  readonly width: number | undefined;
  /** Rows that the model must be able to compute; otherwise made-up ones are tried. */
  readonly rows: Float32Array | undefined;
  readonly trialMs: number;
  readonly rssBytesMax: number;
}

/** How a trial went. */
export interface TrialReport {
  /** Numbers per row that go in. */
  readonly width: number;
  /** Numbers per row that come out. */
  readonly outputs: number;
  /** Rows that were tried alone, and those of them that the model could not compute. */
  readonly rowsTried: number;
  readonly rowsFailed: number;
  /** How long one row took, and each of 256 at once, ms. */
  readonly rowMs: number;
  readonly batchRowMs: number;
}

export type TrialAnswer = { readonly report: TrialReport } | { readonly error: ErrorJson };
