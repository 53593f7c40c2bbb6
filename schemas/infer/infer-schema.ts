import type { JsonSchema } from "../schema-definition.js";
import { Formats } from "./formats.js";
import { Observation } from "./observation.js";

/** How much a proposed schema ties down. */
export interface InferOptions {
  /** The least and the greatest number and length that were seen become limits. Default false. */
  readonly ranges?: boolean;
  /** Objects may hold no members but those that were seen. Default false. */
  readonly closed?: boolean;
}

type Proposed = Record<string, unknown>;

/** A text is one of a few if each of them came this often, on average. */
const repeatsMin = 5;

/**
 * Proposes a schema from bodies: types, required members, texts that are one of a few, formats, ranges. Every
 * body that was added is accepted. How many values speak for each part stands in `$comment`.
 */
export class SchemaInference {
  readonly #root = new Observation(new Formats());

  add(body: unknown): void {
    this.#root.add(body);
  }

  get count(): number {
    return this.#root.count;
  }

  /** The schema, of draft 2020-12. `about` begins its `$comment`. */
  schema(options: InferOptions = {}, about = ""): JsonSchema {
    const { $comment, ...rest } = proposed(this.#root, this.#root.count, options);
    return {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $comment: about === "" ? $comment : `${about}: ${$comment}`,
      ...rest,
    };
  }
}

function proposed(seen: Observation, of: number, options: InferOptions): Proposed {
  const types = typesOf(seen);
  const few = fewTexts(seen, types);
  return {
    $comment: commentOn(seen, of),
    ...(types.length === 0 ? {} : { type: types.length === 1 ? types[0] : types }),
    ...numbersOf(seen, options),
    ...(few === undefined ? textsOf(seen, options) : { enum: few }),
    ...(seen.items === undefined || seen.items.count === 0
      ? {}
      : { items: proposed(seen.items, seen.items.count, options) }),
    ...objectsOf(seen, options),
  };
}

function typesOf(seen: Observation): string[] {
  const { fractions, integers, booleans, strings, arrays, objects, nulls } = seen;
  const numbers = fractions > 0 ? "number" : "integer";
  return [
    objects > 0 && "object",
    arrays > 0 && "array",
    strings.count > 0 && "string",
    fractions + integers > 0 && numbers,
    booleans > 0 && "boolean",
    nulls > 0 && "null",
  ].filter((type) => type !== false);
}

/** Values of a place where nothing but a few texts came, or null. */
function fewTexts(seen: Observation, types: readonly string[]): unknown[] | undefined {
  const { distinct, count, formats } = seen.strings;
  const onlyTexts = types.every((type) => type === "string" || type === "null");
  if (distinct === undefined || count === 0 || !onlyTexts || formats.length > 0) return undefined;
  if (count < distinct.size * repeatsMin) return undefined;
  return [...[...distinct.keys()].sort(), ...(seen.nulls > 0 ? [null] : [])];
}

function numbersOf({ integers, fractions, least, most }: Observation, options: InferOptions) {
  if (integers + fractions === 0) return {};
  if (options.ranges === true) return { minimum: least, maximum: most };
  return least >= 0 ? { minimum: 0 } : {};
}

function textsOf({ strings }: Observation, options: InferOptions) {
  if (strings.count === 0) return {};
  const [format] = strings.formats;
  const lengths =
    options.ranges === true ? { minLength: strings.least, maxLength: strings.most } : {};
  return { ...(format === undefined ? {} : { format }), ...lengths };
}

function objectsOf({ objects, members }: Observation, options: InferOptions): Proposed {
  if (objects === 0 || members === undefined) return {};
  const entries = [...members].map(([name, member]) => [name, proposed(member, objects, options)]);
  const required = [...members].filter(([, { count }]) => count === objects).map(([name]) => name);
  return {
    properties: Object.fromEntries(entries) as Proposed,
    ...(required.length === 0 ? {} : { required }),
    ...(options.closed === true ? { additionalProperties: false } : {}),
  };
}

/** `in 97 of 100; 1 to 250; "paid" 60, "new" 37`. */
function commentOn(seen: Observation, of: number): string {
  const { count, nulls, integers, fractions, least, most, strings, arrays, objects, members } =
    seen;
  const { distinct } = strings;
  const listed = [...(distinct ?? [])].sort(([, a], [, b]) => b - a).slice(0, 5);
  return [
    count === of ? `in all ${count}` : `in ${count} of ${of}`,
    nulls > 0 && nulls < count && `${nulls} null`,
    integers + fractions > 0 && `${least} to ${most}`,
    strings.count > 0 && `${strings.least} to ${strings.most} characters`,
    distinct !== undefined &&
      strings.count >= distinct.size * repeatsMin &&
      listed.map(([text, times]) => `${JSON.stringify(text)} ${times}`).join(", "),
    arrays > 0 && `${seen.items?.count ?? 0} items in ${arrays} arrays`,
    objects > 0 && members === undefined && "members have too many names to list",
  ]
    .filter((part) => part !== false && part !== "")
    .join("; ");
}
