import { isCount, isSha256, objectIn } from "../models/registry/model-version.js";

/** Which model, of those that were ever offered under a name. */
export interface ModelRef {
  /** SHA-256 of its file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** 1 for the first under its name; absent if nobody has said. */
  readonly version?: number;
}

/** Why a model is served. */
export type SwapReason = "promoted" | "canary" | "rollback" | "initial" | "restored";

/**
 * Why a candidate is one no more, where no verdict has said so: a newer one came, it answers for all by a promotion
 * or as the one before, or it gave no numbers or is lost.
 */
export type CandidateEnd = "displaced" | "promoted" | "failed";

/** What an event about a model does to those who serve it. */
export type ModelEventKind = "promoted" | "offered" | "shadowed";

/** The model that an event about models names; undefined if it names none. */
export function modelRefIn(msg: unknown): ModelRef | undefined {
  const { sha256, version } = objectIn(msg);
  if (!isSha256(sha256)) return undefined;
  return { sha256, ...(isCount(version) && { version }) };
}
