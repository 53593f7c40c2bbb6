export { DeterminismGuard } from "./determinism/guard.js";
export type { ImpureSource, ImpureUse } from "./determinism/impure-use.js";
export type { ReplayOptions } from "./engine/options.js";
export type { ReplayProgress } from "./engine/pace.js";
export { type ReplayPlan, replayId } from "./engine/plan.js";
export { Replay, type ReplayResult } from "./engine/replay.js";
export {
  type ExplainedCause,
  type ExplainedRetry,
  type ExplainOptions,
  type Explanation,
  explain,
} from "./explain/causes.js";
export { type Effect, type Effects, effectsOf } from "./explain/effects.js";
export { eventAt } from "./explain/event-at.js";
export type { Inputs } from "./explain/inputs.js";
export { type Rerun, type RerunOptions, rerun } from "./explain/rerun.js";
export type { LineageDifference } from "./models/lineage-differences.js";
export { type PastScores, type ScorePastOptions, scorePast } from "./models/score-past.js";
export {
  type ModelVerification,
  type VerifyModelOptions,
  verifyModel,
} from "./models/verify-model.js";
export type { OutputCause } from "./outputs/output.js";
export { type PromoteOptions, type Promotion, promote } from "./promote/promote.js";
export type { PromotedOutputs } from "./promote/publication.js";
export { type StateAtOptions, type StateMoment, stateAt } from "./state-at.js";
export { whatIfHtml } from "./whatif/html/page.js";
export { type LivePlace, storedPlace } from "./whatif/live-place.js";
export type { Candidate, WhatIfOptions } from "./whatif/options.js";
export {
  type Difference,
  type Histogram,
  hasDifferences,
  type Totals,
  type WhatIfReport,
} from "./whatif/report.js";
export { whatIf } from "./whatif/whatif.js";
