/** What one check found. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export function ok(check: string, text: string): Finding {
  return { check, status: "ok", text };
}

export function warn(check: string, text: string, remedy: string): Finding {
  return { check, status: "warn", text, remedy };
}

export function fail(check: string, text: string, remedy: string): Finding {
  return { check, status: "fail", text, remedy };
}
