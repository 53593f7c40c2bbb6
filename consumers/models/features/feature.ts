import type { BusEvent } from "../../../bus/index.js";

/** What a category can be. */
export type Category = string | number | boolean;

/** A part of a time, in UTC. `weekday`: 0 is Sunday; `day` is that of the month; `month` counts from 0. */
export type TimePart = "minute" | "hour" | "weekday" | "day" | "month";

/** How what is found at a path becomes numbers. */
export type Encoder =
  /** A number as it is; true is 1, false 0. One column; `missing` adds one that is 1 where it is missing. */
  | { readonly kind: "number"; readonly scaled?: boolean; readonly missing?: boolean }
  /** 1 where there is nothing, or null; else 0. */
  | { readonly kind: "missing" }
  /**
   * The index of a category, from 0: of the given `values`, or in the order in which they first come, `max` at
   * most. What is none of them gets the next index after the last possible one. For trees.
   */
  | { readonly kind: "category"; readonly values?: readonly Category[]; readonly max?: number }
  /** A column for each category, and one for others: 1 in its own, else 0. Nothing is 1 where it is missing. */
  | { readonly kind: "one-hot"; readonly values?: readonly Category[]; readonly max?: number }
  /** A column for each bucket: 1 in that of the category's hash (Weinberger et al., "Feature hashing", 2009). */
  | { readonly kind: "hash"; readonly buckets: number }
  /**
   * Parts of a time (ms since 1970, or an ISO 8601 text with its offset), each as a sine and a cosine of its turn,
   * so that 23:59 is next to 0:00; plain numbers with `cyclic: false`.
   */
  | { readonly kind: "time"; readonly parts: readonly TimePart[]; readonly cyclic?: boolean };

/** A declared feature. */
export interface Feature {
  /** What its columns are called by. Default: the last member name of the path. */
  readonly name?: string;
  /** A path as in `Field`, such as `msg.amount` or `timestamp`; or a JSON pointer into the body, such as `/amount`. */
  readonly path: string;
  /** Default "number". Those that need no options can be given by their kind. */
  readonly encoder?: Encoder | "number" | "missing" | "category" | "one-hot";
}

/** Features that code makes: named numbers of an event. What is no finite number is missing. */
export interface FeatureFunction<Config = unknown> {
  /** The columns, in order. */
  readonly names: readonly string[];
  /** Must depend on nothing else: it runs in training and in serving. */
  values(event: BusEvent, config: Config): Readonly<Record<string, unknown>>;
}

/** What a model sees of an event. */
export type Features<Config = unknown> = readonly Feature[] | FeatureFunction<Config>;

/** A feature with nothing left open. */
export interface ResolvedFeature {
  readonly name: string;
  readonly path: string;
  readonly encoder: Encoder;
}

/**
 * Features as a model's metadata has them: JSON, vocabularies included, from which the same extractor can be made
 * again. Of a function there are only the names.
 */
export interface FeatureDeclaration {
  /** What the model's input is made of, column by column. */
  readonly columns: readonly string[];
  /** Absent: a function of the event makes the columns. */
  readonly list?: readonly ResolvedFeature[];
}

/** What features are bounded by. */
export const featureLimits = Object.freeze({
  /** Columns of all features together. */
  columnsMax: 4_096,
  /** Categories that a vocabulary learns unless it says otherwise, */
  vocabularyDefault: 32,
  /** and at most. */
  vocabularyMax: 1_024,
  /** Characters of a category that a vocabulary can learn; a longer one is one of the others. */
  categoryLengthMax: 128,
});

export function isFunction(features: Features<never>): features is FeatureFunction<never> {
  return !Array.isArray(features);
}
