/** What gives another answer each time it is asked. */
export type ImpureSource =
  | "Date.now()"
  | "new Date()"
  | "performance.now()"
  | "Math.random()"
  | "crypto.randomUUID()";

/** A place where a plugin asked for what a replay cannot repeat. */
export interface ImpureUse {
  readonly what: ImpureSource;
  /** What the context has in its stead. */
  readonly instead: "context.now()" | "context.random()";
  readonly file: string;
  readonly line: number;
}
