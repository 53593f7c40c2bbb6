import type { FieldDifference } from "./field-diff.js";

/** How many outputs came out how. */
export interface Totals {
  readonly same: number;
  readonly added: number;
  readonly dropped: number;
  readonly changed: number;
}

/** One difference, as a report shows it. */
export interface Difference {
  readonly kind: "added" | "dropped" | "changed";
  readonly topic: string;
  readonly cause: {
    readonly offset: number;
    readonly key?: string;
    readonly window?: readonly [start: number, end: number];
  };
  /** Where the old output stands in the log. */
  readonly offset?: number;
  readonly old?: unknown;
  readonly new?: unknown;
  /** What has changed; empty otherwise. */
  readonly fields: readonly FieldDifference[];
}

/** Counts by name, the most frequent first. */
export type Histogram = readonly { readonly name: string; readonly count: number }[];

/** What a comparison found. */
export interface WhatIfReport {
  readonly against: string;
  readonly consumer: { readonly name: string; readonly version: string };
  /** Offsets of the causes that were compared: `from` inclusive, `to` exclusive. */
  readonly range: { readonly from: number; readonly to: number };
  readonly totals: Totals;
  /** Changed fields, indexes of lists left out. */
  readonly fields: Histogram;
  /** Outputs that differ, by topic. */
  readonly topics: Histogram;
  /** The first ones of each kind. */
  readonly differences: readonly Difference[];
  /** What a reader should know about how it was compared. */
  readonly notes: readonly string[];
}

/** Whether anything differs. */
export function hasDifferences({ totals }: Pick<WhatIfReport, "totals">): boolean {
  return totals.added + totals.dropped + totals.changed > 0;
}
