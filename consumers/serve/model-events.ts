/** Which model, of those that were ever offered under a name. */
export interface ModelRef {
  /** SHA-256 of its file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** 1 for the first under its name; absent if nobody has said. */
  readonly version?: number;
}

/** Why a model is served. */
export type SwapReason = "promoted" | "canary" | "rollback" | "initial";

/** What an event about a model does to those who serve it. */
export type ModelEventKind = "promoted" | "offered" | "shadowed";

/** The model that an event about models names; undefined if it names none. */
export function modelRefIn(msg: unknown): ModelRef | undefined {
  const { sha256, version } = (typeof msg === "object" && msg !== null ? msg : {}) as {
    readonly sha256?: unknown;
    readonly version?: unknown;
  };
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  return { sha256, ...(Number.isSafeInteger(version) && { version: version as number }) };
}

/** The topic of one kind of events about a model. */
export function modelTopic(model: string, kind: string): string {
  return `models.${model}.${kind}`;
}
