import { hashOfCategory } from "./category-hash.js";
import type { Category, Encoder, ResolvedFeature, TimePart } from "./feature.js";
import { angleOf, partOf, timeOf } from "./time-parts.js";
import { Vocabulary } from "./vocabulary.js";

/** Rows of numbers that fit what a model file takes: each is a 32-bit float. */
export type Numbers = Float64Array | Float32Array;

/** Writes the columns of one feature. */
export interface ColumnEncoder {
  /** What its columns are called, so also how many there are. */
  readonly columns: readonly string[];
  /** Whether its columns are standardised whatever the model. */
  readonly scaled: boolean;
  /** Writes `value` to `out` from `at` on. Returns 1 for what it cannot take and treats as missing, else 0. */
  encode(value: unknown, out: Numbers, at: number): 0 | 1;
  /** The feature's encoder as it is by now, with what it has learnt. */
  resolved(): Encoder;
}

/** The encoder of a feature; `learns`: what vocabularies do not have yet, they take in. */
export function columnEncoder({ name, encoder }: ResolvedFeature, learns: boolean): ColumnEncoder {
  switch (encoder.kind) {
    case "number":
      return numberEncoder(name, encoder);
    case "missing":
      return { ...fixed(encoder), columns: [`${name}:missing`], encode: encodeMissing };
    case "category":
      return categoryEncoder(name, encoder, learns);
    case "one-hot":
      return oneHotEncoder(name, encoder, learns);
    case "hash":
      return hashEncoder(name, encoder);
    case "time":
      return timeEncoder(name, encoder);
  }
}

function fixed(encoder: Encoder): Pick<ColumnEncoder, "scaled" | "resolved"> {
  return { scaled: false, resolved: () => encoder };
}

function numberEncoder(name: string, encoder: Encoder & { kind: "number" }): ColumnEncoder {
  const { missing = false, scaled = false } = encoder;
  const columns = missing ? [name, `${name}:missing`] : [name];
  return {
    ...{ ...fixed(encoder), columns, scaled },
    encode: missing
      ? (value, out, at) => {
          const invalid = encodeNumber(value, out, at);
          out[at + 1] = Number.isNaN(out[at]) ? 1 : 0;
          return invalid;
        }
      : encodeNumber,
  };
}

/** A number, or NaN for what is missing or none. Past the range of a 32-bit float it is none. */
export function encodeNumber(value: unknown, out: Numbers, at: number): 0 | 1 {
  if (typeof value === "number") {
    const rounded = Math.fround(value);
    const isOne = rounded - rounded === 0;
    out[at] = isOne ? rounded : Number.NaN;
    return isOne ? 0 : 1;
  }
  if (typeof value === "boolean") {
    out[at] = value ? 1 : 0;
    return 0;
  }
  out[at] = Number.NaN;
  return value === undefined || value === null ? 0 : 1;
}

function encodeMissing(value: unknown, out: Numbers, at: number): 0 {
  out[at] = value === undefined || value === null ? 1 : 0;
  return 0;
}

function isCategory(value: unknown): value is Category {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

type Categorical = Encoder & { readonly kind: "category" | "one-hot" };

function vocabularyOf(encoder: Categorical, learns: boolean) {
  const { values = [], max = values.length } = encoder;
  const vocabulary = new Vocabulary(values, max, learns);
  const resolved = (): Encoder => ({ ...encoder, values: vocabulary.values, max });
  return { vocabulary, resolved };
}

function categoryEncoder(name: string, encoder: Categorical, learns: boolean): ColumnEncoder {
  const { vocabulary, resolved } = vocabularyOf(encoder, learns);
  return {
    ...{ columns: [name], scaled: false, resolved },
    encode: (value, out, at) => {
      const isOne = isCategory(value);
      out[at] = isOne ? vocabulary.indexOf(value) : Number.NaN;
      return isOne || value === undefined || value === null ? 0 : 1;
    },
  };
}

function oneHotEncoder(name: string, encoder: Categorical, learns: boolean): ColumnEncoder {
  const { vocabulary, resolved } = vocabularyOf(encoder, learns);
  const width = vocabulary.max + 1;
  return {
    ...{ scaled: false, resolved },
    get columns() {
      const known = vocabulary.values;
      return Array.from({ length: width }, (_, index) =>
        index === vocabulary.max ? `${name}=…` : `${name}=${known[index] ?? `?${index}`}`,
      );
    },
    encode: (value, out, at) => {
      out.fill(0, at, at + width);
      if (!isCategory(value)) return value === undefined || value === null ? 0 : 1;
      out[at + vocabulary.indexOf(value)] = 1;
      return 0;
    },
  };
}

function hashEncoder(name: string, encoder: Encoder & { kind: "hash" }): ColumnEncoder {
  const { buckets } = encoder;
  return {
    ...fixed(encoder),
    columns: Array.from({ length: buckets }, (_, index) => `${name}#${index}`),
    encode: (value, out, at) => {
      out.fill(0, at, at + buckets);
      if (!isCategory(value)) return value === undefined || value === null ? 0 : 1;
      out[at + (hashOfCategory(value) % buckets)] = 1;
      return 0;
    },
  };
}

function timeEncoder(name: string, encoder: Encoder & { kind: "time" }): ColumnEncoder {
  const { parts, cyclic = true } = encoder;
  const columnsOf = (part: TimePart): string[] =>
    cyclic ? [`${name}:${part}:sin`, `${name}:${part}:cos`] : [`${name}:${part}`];
  const columns = parts.flatMap(columnsOf);
  return {
    ...{ ...fixed(encoder), columns },
    encode: (value, out, start) => {
      const date = new Date(timeOf(value));
      if (Number.isNaN(date.getTime())) {
        out.fill(Number.NaN, start, start + columns.length);
        return value === undefined || value === null ? 0 : 1;
      }
      let at = start;
      for (const part of parts)
        if (cyclic) {
          const angle = angleOf(date, part);
          out[at++] = Math.fround(Math.sin(angle));
          out[at++] = Math.fround(Math.cos(angle));
        } else out[at++] = Math.fround(partOf(date, part));
      return 0;
    },
  };
}
