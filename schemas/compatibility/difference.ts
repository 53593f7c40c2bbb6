/**
 * Which versions must understand each other's events: `backward`, a new version accepts what the one
 * before it accepted; `forward`, the one before accepts what the new one does; `full`, both; `none`.
 */
export type Compatibility = "backward" | "forward" | "full" | "none";

/** Every one, the default first. */
export const compatibilities: readonly Compatibility[] = ["backward", "forward", "full", "none"];

/** A place where one schema accepts what another refuses, or where that cannot be told. */
export interface Finding {
  /** JSON pointer into the body; the step `*` stands for every item, or for any other member. */
  readonly pointer: string;
  /** The keyword of the schema that refuses. */
  readonly keyword: string;
  /** What the accepting schema says of it, in words. */
  readonly accepting: string;
  /** What the refusing schema says of it, in words. */
  readonly refusing: string;
  /** Which bodies are refused, to follow "events". */
  readonly events: string;
  /** False where it is not known whether such bodies exist. */
  readonly certain: boolean;
}

/** How two versions differ in one place, for those who need the one to accept the other's events. */
export interface SchemaDifference {
  readonly direction: "backward" | "forward";
  readonly pointer: string;
  readonly keyword: string;
  /** What the version before says, in words. */
  readonly was: string;
  /** What the new version says, in words. */
  readonly now: string;
  /** False where the schemas alone do not tell whether any event is refused. */
  readonly certain: boolean;
  /** The whole of it in a sentence. */
  readonly message: string;
}

/** Of events of the version before, under the new one. */
export function backwardDifference(finding: Finding): SchemaDifference {
  const { pointer, keyword, accepting: was, refusing: now, events, certain } = finding;
  const end = certain
    ? `events ${events} are refused`
    : `it cannot be told whether events ${events} are refused`;
  const message = `${pointer || "/"}: was ${was}, now ${now}: ${end}`;
  return { direction: "backward", pointer, keyword, was, now, certain, message };
}

/** Of events of the new version, under the one before. */
export function forwardDifference(finding: Finding): SchemaDifference {
  const { pointer, keyword, accepting: now, refusing: was, events, certain } = finding;
  const end = certain
    ? `the version before refuses events ${events}`
    : `it cannot be told whether the version before refuses events ${events}`;
  const message = `${pointer || "/"}: was ${was}, now ${now}: ${end}`;
  return { direction: "forward", pointer, keyword, was, now, certain, message };
}
