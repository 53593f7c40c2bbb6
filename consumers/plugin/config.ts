import {
  draftOf,
  FedbusError,
  isFedbusError,
  SchemaCompiler,
  type SchemaProblem,
} from "../../schemas/index.js";
import { nearest } from "../../schemas/nearest.js";
import {
  closedUnlessSaid,
  isNoOptions,
  namesOf,
  type SchemaObject,
  schemaAt,
  typeOf,
  withImpliedDefaults,
} from "./config-schema.js";
import type { Consumer } from "./consumer.js";

/** What is wrong with one place of a configuration. */
export interface ConfigProblem {
  /** JSON pointer to the value at fault. */
  readonly pointer: string;
  /** To follow the pointer in a sentence: `must be >= 0`. */
  readonly expected: string;
  /** What can be done. */
  readonly remedy: string;
}

/**
 * The configuration that a consumer runs with: a copy of what is given, checked against the
 * consumer's schema, with its defaults filled in, those of nested objects included. Throws
 * OPTIONS_INVALID with every problem in `details.problems`, and PLUGIN_INVALID if the schema itself
 * cannot be used.
 */
export function completeConfig<Config>(
  consumer: Pick<Consumer<Config>, "name" | "config">,
  given: unknown = {},
): Config {
  const value = copyOf(given);
  const problems = check(consumer, value);
  if (problems.length === 0) return value as Config;
  const listed = problems.map(sentenceOf);
  throw new FedbusError("OPTIONS_INVALID", `config of ${consumer.name}: ${listed.join("; ")}`, {
    details: { problems, remedy: problems.map(({ remedy }) => remedy).join("; ") },
  });
}

function check(
  { name, config: schema }: Pick<Consumer<never>, "name" | "config">,
  value: unknown,
): ConfigProblem[] {
  // Most plugins have no options: their processes need no compiler of schemas, which takes long to load.
  if (isNoOptions(schema) && isEmpty(value)) return [];
  try {
    const complete = new SchemaCompiler().compileComplete(
      withImpliedDefaults(closedUnlessSaid(schema)),
      draftOf(schema),
    );
    return complete(value).map((problem) => withRemedy(problem, schema));
  } catch (cause) {
    if (!isFedbusError(cause)) throw cause;
    throw new FedbusError(
      "PLUGIN_INVALID",
      `the configuration schema of ${name} cannot be used: ${cause.message}`,
      { details: { ...cause.details, consumer: name }, cause },
    );
  }
}

function isEmpty(value: unknown): boolean {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && Object.keys(value).length === 0;
}

function withRemedy({ pointer, keyword, expected }: SchemaProblem, schema: SchemaObject) {
  return { pointer, expected, remedy: remedyFor(keyword, pointer, { expected, schema }) };
}

function isUnknown(keyword: string): boolean {
  return keyword === "additionalProperties" || keyword === "unevaluatedProperties";
}

function sentenceOf({ pointer, expected }: ConfigProblem): string {
  if (expected === "must not be there")
    return `there is no setting "${stepsOf(pointer).join(".")}"`;
  return `${pointer || "/"} ${expected}`;
}

/** Of a misspelt name what was meant, else all that there are. */
function remedyForUnknown(steps: readonly string[], schema: SchemaObject): string {
  const parents = steps.slice(0, -1);
  const names = namesOf(schemaAt(schema, parents) ?? {});
  const meant = nearest(steps.at(-1) ?? "", names);
  if (meant !== undefined) return `did you mean "${[...parents, meant].join(".")}"?`;
  const known = names.length === 0 ? "there are no options" : `options are ${names.join(", ")}`;
  return `leave out ${steps.join(".")}: ${known}`;
}

function remedyFor(
  keyword: string,
  pointer: string,
  { expected, schema }: { readonly expected: string; readonly schema: SchemaObject },
): string {
  const steps = stepsOf(pointer);
  if (isUnknown(keyword)) return remedyForUnknown(steps, schema);
  const missing = /^must have "(.*)"$/.exec(expected)?.[1];
  if (keyword === "required" && missing !== undefined)
    return `give ${describe([...steps, missing], schema)}`;
  return `change ${describe(steps, schema)}`;
}

/** An option's name, its type, and what its schema says of it. */
function describe(steps: readonly string[], schema: SchemaObject): string {
  const at = schemaAt(schema, steps);
  const name = steps.length === 0 ? "the configuration" : steps.join(".");
  if (at === undefined) return name;
  const description = typeof at.description === "string" ? `: ${at.description}` : "";
  return `${name} (${typeOf(at)}${description})`;
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function copyOf(given: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(given));
  } catch (cause) {
    throw new FedbusError("OPTIONS_INVALID", "the configuration cannot be written as JSON", {
      cause,
    });
  }
}
