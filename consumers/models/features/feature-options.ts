import { refuse } from "../../../bus/kernel/options.js";
import { isFedbusError } from "../../../schemas/index.js";
import {
  aFunction,
  anything,
  flag,
  listOf,
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../../plugin/option-rules.js";
import {
  type Category,
  type Encoder,
  type Feature,
  type FeatureFunction,
  type Features,
  featureLimits,
  isFunction,
  type ResolvedFeature,
} from "./feature.js";
import { namesOf } from "./path-names.js";
import { timePartNames } from "./time-parts.js";

const { columnsMax, vocabularyDefault, vocabularyMax } = featureLimits;

const aPath: Rule = (value) => {
  if (typeof value !== "string") return "must be a path";
  try {
    namesOf(value);
    return undefined;
  } catch (error) {
    return isFedbusError(error) ? `is wrong: ${error.message}` : "must be a path";
  }
};

const aCategory: Rule = (value) =>
  typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)
    ? undefined
    : "must be a text, a number, or true or false";

/** Also empty: what a vocabulary has learnt so far may be nothing. */
const categories: Rule = (value) => {
  if (!Array.isArray(value)) return "must be a list";
  if (value.length > vocabularyMax) return `must have ${vocabularyMax} at most`;
  if (new Set(value as Category[]).size !== value.length) return "must not name one twice";
  return value.length === 0 ? undefined : listOf(aCategory)(value);
};

const anyOf = (...allowed: readonly string[]): Rule => listOf(oneOf(...allowed));

const categorical = {
  kind: anything,
  values: optional(categories),
  max: optional(whole(1, vocabularyMax)),
};

type Kinds = { readonly [Kind in Encoder["kind"]]: Rules<Encoder & { kind: Kind }> };

const encoderRules: Kinds = {
  number: { kind: anything, scaled: optional(flag), missing: optional(flag) },
  missing: { kind: anything },
  category: categorical,
  "one-hot": categorical,
  hash: { kind: anything, buckets: whole(2, columnsMax) },
  time: { kind: anything, parts: anyOf(...timePartNames), cyclic: optional(flag) },
};

const anEncoder: Rule = (value) => {
  const kinds = Object.keys(encoderRules);
  const must = `must be one of ${kinds.join(", ")}`;
  if (value === "hash") return 'must say how many buckets: { kind: "hash", buckets }';
  if (value === "time")
    return `must say which parts: { kind: "time", parts }, of ${timePartNames.join(", ")}`;
  if (typeof value === "string") return Object.hasOwn(encoderRules, value) ? undefined : must;
  const { kind } = (value ?? {}) as { readonly kind?: unknown };
  if (typeof kind !== "string" || !Object.hasOwn(encoderRules, kind)) return must;
  const [problem] = problemsByRules<object>(value as object, encoderRules[kind as Encoder["kind"]]);
  return problem === undefined ? undefined : `is wrong: ${problem}`;
};

const featureRules: Rules<Feature> = {
  name: optional(text),
  path: aPath,
  encoder: optional(anEncoder),
};

const functionRules: Rules<FeatureFunction> = { names: listOf(text), values: aFunction };

/** What is wrong with features, an item each. */
export function problemsOfFeatures(features: Features<never>): string[] {
  if (typeof features !== "object" || features === null)
    return ["features must be a list of features, or { names, values }"];
  if (isFunction(features)) return problemsOfFunction(features as FeatureFunction);
  if (features.length === 0) return ["features must not be empty"];
  const problems = features.flatMap((feature, index) =>
    problemsByRules(feature, featureRules).map((problem) => `features[${index}]: ${problem}`),
  );
  if (problems.length > 0) return problems;
  const list = resolve(features);
  const width = list.reduce((sum, { encoder }) => sum + widthOf(encoder), 0);
  if (width > columnsMax) problems.push(`features: ${width} columns; ${columnsMax} are allowed`);
  return [...problems, ...twice(list.map(({ name, encoder }) => `${name} (${encoder.kind})`))];
}

function problemsOfFunction(features: FeatureFunction): string[] {
  const problems = problemsByRules(features, functionRules);
  if (problems.length > 0) return problems.map((problem) => `features: ${problem}`);
  return features.names.length > columnsMax
    ? [`features: ${columnsMax} columns are allowed`]
    : twice(features.names);
}

/** Columns are known by their names. */
function twice(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const again = names.filter((name) => seen.size === seen.add(name).size);
  return again.map((name) => `features: ${name} is there twice, name one of them otherwise`);
}

/** Throws OPTIONS_INVALID. */
export function checkFeatures(features: Features<never>): void {
  refuse("features", problemsOfFeatures(features));
}

/** Checked features with nothing left open. */
export function resolve(features: readonly Feature[]): readonly ResolvedFeature[] {
  return features.map(({ name, path, encoder = "number" }) => ({
    name: name ?? namesOf(path).at(-1)!,
    path,
    encoder: completeEncoder(
      typeof encoder === "string" ? ({ kind: encoder } as Encoder) : encoder,
    ),
  }));
}

/** A vocabulary that is given has no room for more, unless it says how much. */
function completeEncoder(encoder: Encoder): Encoder {
  if (encoder.kind !== "category" && encoder.kind !== "one-hot") return encoder;
  const { kind, values = [], max } = encoder;
  const room = max ?? (values.length > 0 ? values.length : vocabularyDefault);
  return { kind, values, max: Math.max(room, values.length) };
}

function widthOf(encoder: Encoder): number {
  switch (encoder.kind) {
    case "number":
      return encoder.missing === true ? 2 : 1;
    case "one-hot":
      return encoder.max! + 1;
    case "hash":
      return encoder.buckets;
    case "time":
      return encoder.parts.length * (encoder.cyclic === false ? 1 : 2);
    default:
      return 1;
  }
}
