/** Why an alert was cleared. */
export type ClearReason = "condition" | "expired" | "seen" | "forgotten";

/** The body of an alert event. */
export interface Alert {
  /** The same in the alert and in its clear, and in no other alert of the bus. */
  readonly id: string;
  readonly rule: string;
  readonly key: string;
  readonly severity: string;
  readonly message: string;
  /**
   * On the rules' clock, ms since 1970: since when the condition holds; when the first of the
   * counted events was; when the key was last seen, null if never.
   */
  readonly since: number | null;
  /** When the rule was fulfilled, on the same clock. */
  readonly at: number;
  /** What the rule's `value` made of the last event before the alert. */
  readonly value?: unknown;
}

/** The body of a clear event. */
export interface Clear {
  readonly id: string;
  readonly rule: string;
  readonly key: string;
  readonly severity: string;
  readonly since: number | null;
  readonly alertedAt: number;
  readonly at: number;
  readonly reason: ClearReason;
  /** What the rule's `value` made of the event that cleared it. */
  readonly value?: unknown;
}

/** `template` with each `{name}` of a member of `alert` replaced by the member. */
export function textOf(template: string, alert: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(alert, name) ? alert[name] : undefined;
    if (value === undefined) return whole;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}
