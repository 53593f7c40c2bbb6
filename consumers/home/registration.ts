/** What was last run under a consumer's name. */
export interface Registration {
  /** The plugin's file. */
  readonly path: string;
  readonly version: string;
  /** As it was given, without defaults. */
  readonly config: unknown;
  /** Patterns of the topics that it reads. Absent until it is run. */
  readonly topics?: readonly string[];
  /** The offset that stores without a checkpoint start at. */
  readonly startAt: number;
  /** Whether it is to handle nothing until it is resumed. */
  readonly paused: boolean;
}

/** Whether a stored value is one, whole. */
export function isRegistration(stored: unknown): stored is Registration {
  if (typeof stored !== "object" || stored === null) return false;
  const { path, version, topics = [], startAt, paused } = stored as Partial<Registration>;
  return (
    typeof path === "string" &&
    typeof version === "string" &&
    Array.isArray(topics) &&
    Number.isSafeInteger(startAt) &&
    typeof paused === "boolean"
  );
}
