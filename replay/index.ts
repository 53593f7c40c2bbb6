export { DeterminismGuard } from "./determinism/guard.js";
export type { ImpureSource, ImpureUse } from "./determinism/impure-use.js";
export type { ReplayOptions } from "./engine/options.js";
export type { ReplayProgress } from "./engine/pace.js";
export { hashOfPlugin, type ReplayPlan, replayId } from "./engine/plan.js";
export { Replay, type ReplayResult } from "./engine/replay.js";
