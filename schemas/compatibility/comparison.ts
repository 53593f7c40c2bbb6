import { canonicalJson } from "../canonical-json.js";
import type { JsonSchema } from "../schema-definition.js";
import { compareArrays } from "./array-rules.js";
import { compareChoices } from "./choice-rules.js";
import type { Finding } from "./difference.js";
import { hasRefs, type SchemaDocument } from "./document.js";
import { Facts } from "./facts.js";
import { intersection, isAmong, type JsonType } from "./json-type.js";
import type { SchemaNode } from "./node.js";
import { compareObjects } from "./object-rules.js";
import { compareFormats, compareNumbers, compareStrings, type Place } from "./scalar-rules.js";
import { jsonInWords, typesInWords, valuesInWords } from "./words.js";

/** Pairs of parts that are compared, at most; and alternatives that are looked at in each other. */
const stepsMax = 5_000;
const branchingMax = 6;

/**
 * Whether all that one schema accepts another accepts too. What JSON Schema can say makes that undecidable
 * in general: no findings means that it is so; a finding that is not certain means that it may be.
 */
export class Comparison {
  readonly #accepting: SchemaDocument;
  readonly #refusing: SchemaDocument;
  readonly #numbers = new Map<JsonSchema, number>();
  /** Pairs that were found right. */
  readonly #passed = new Set<string>();
  /** Pairs that are being looked at, and how deep in the body. */
  readonly #open = new Map<string, number>();
  #steps = 0;

  constructor(accepting: SchemaDocument, refusing: SchemaDocument) {
    this.#accepting = accepting;
    this.#refusing = refusing;
  }

  /** Where `refusing` may refuse what `accepting` accepts. */
  findings(): Finding[] {
    const found = this.#compare([this.#accepting.root], this.#refusing.root, "", 0);
    const distinct = new Map(found.map((finding) => [JSON.stringify(finding), finding]));
    return [...distinct.values()];
  }

  #compare(
    given: readonly JsonSchema[],
    refusing: JsonSchema,
    pointer: string,
    branching: number,
  ): readonly Finding[] {
    if (refusing === true) return [];
    if (++this.#steps > stepsMax) return [unclear(pointer, "schema", "too large to compare")];
    const key = `${this.#numberOf(refusing)}:${given.map((one) => this.#numberOf(one)).sort()}`;
    if (this.#passed.has(key)) return [];
    const depth = pointer.split("/").length;
    const above = this.#open.get(key);
    // A schema may hold itself, further down: what is right above is right there, unless it is not.
    if (above !== undefined) return above < depth ? [] : [unclear(pointer, "$ref", "itself")];
    this.#open.set(key, depth);
    const before = this.#passed.size;
    const found = this.#compareNew(given, refusing, pointer, branching);
    this.#open.delete(key);
    if (found.length === 0) this.#passed.add(key);
    else this.#forgetSince(before);
    return found;
  }

  /** What was found right while something was taken to be right that is not. */
  #forgetSince(count: number): void {
    if (this.#passed.size === count) return;
    for (const key of [...this.#passed].slice(count)) this.#passed.delete(key);
  }

  #compareNew(
    given: readonly JsonSchema[],
    refusing: JsonSchema,
    pointer: string,
    branching: number,
  ): readonly Finding[] {
    const facts = new Facts(this.#accepting, given);
    if (facts.isEmpty || given.some((one) => this.#isSame(one, refusing))) return [];
    if (typeof refusing === "boolean") return [forbidden(pointer)];
    const listed = this.#compareValues(facts, refusing, pointer);
    if (listed !== undefined) return listed;
    const whole = [...this.#compareParts(facts, refusing, pointer, branching)];
    if (whole.length === 0 || branching >= branchingMax) return whole;
    const found = facts
      .branches()
      ?.flatMap((branch) => this.#compare(branch, refusing, pointer, branching + 1));
    return found ?? whole;
  }

  /** Where only a few values can be, each is tried. Undefined where there are more, or none can be tried. */
  #compareValues(
    facts: Facts,
    refusing: Exclude<JsonSchema, boolean>,
    pointer: string,
  ): readonly Finding[] | undefined {
    const { values } = facts;
    const check = values === undefined ? undefined : this.#refusing.checkOf(refusing);
    if (values === undefined || check === undefined) return undefined;
    const refused = values.filter(
      (value) => check(value) !== undefined && this.#accepts(facts, value),
    );
    if (refused.length === 0) return [];
    const node = this.#refusing.nodeOf(refusing);
    const problem = check(refused[0]);
    return [
      {
        pointer,
        keyword: problem?.pointer === "" ? problem.keyword : "enum",
        accepting: valuesInWords(values),
        refusing: node.values === undefined ? typesInWords(node.types) : valuesInWords(node.values),
        events: `with ${valuesInWords(refused)}`,
        certain: true,
      },
    ];
  }

  *#compareParts(
    facts: Facts,
    refusing: Exclude<JsonSchema, boolean>,
    pointer: string,
    branching: number,
  ): Generator<Finding> {
    const node = this.#refusing.nodeOf(refusing);
    const given = facts.nodes.map(({ schema }) => schema);
    const inPlace = (part: JsonSchema) => this.#compare(given, part, pointer, branching);
    if (node.ref !== undefined) {
      const target = this.#refusing.resolve(node.ref);
      if (target === undefined) yield unclear(pointer, "$ref", String(node.ref));
      else yield* inPlace(target);
    }
    for (const part of node.allOf) yield* inPlace(part);
    yield* compareTypes(facts, node, pointer);
    if (node.values !== undefined) yield listedOnly(facts, node, pointer);
    yield* this.#compareByType(facts, node, pointer);
    yield* compareChoices(facts, node, pointer, {
      document: this.#refusing,
      compare: inPlace,
      isSame: (a, b) => this.#isSame(a, b),
    });
  }

  *#compareByType(facts: Facts, node: SchemaNode, pointer: string): Generator<Finding> {
    const types = intersection(facts.types, node.types);
    const compare = (given: readonly JsonSchema[], refusing: JsonSchema, at: string) =>
      this.#compare(given, refusing, at, 0);
    const place: Place = {
      pointer,
      isShownBy: (values) => {
        const check = this.#refusing.checkOf(node.schema);
        return values.some((one) => check?.(one) !== undefined && this.#accepts(facts, one));
      },
    };
    const isNumber = isAmong("integer", types);
    if (isNumber) yield* compareNumbers(facts, node, place);
    if (types.has("string")) yield* compareStrings(facts, node, place);
    if (
      types.has("string") ? node.formatType === "string" : isNumber && node.formatType === "number"
    )
      yield* compareFormats(facts, node, place);
    if (types.has("array")) yield* compareArrays(facts, node, pointer, compare);
    if (types.has("object")) yield* compareObjects(facts, node, pointer, compare);
  }

  /** Whether all that is known of the accepting side accepts `value`. */
  #accepts(facts: Facts, value: unknown): boolean {
    return facts.given.every((one) => this.#accepting.checkOf(one)?.(value) === undefined);
  }

  /** Whether two parts are the same text and mean the same. */
  #isSame(given: unknown, refusing: unknown): boolean {
    if (this.#accepting.draft !== this.#refusing.draft) return false;
    if (canonicalJson(given) !== canonicalJson(refusing)) return false;
    return this.#accepting.text === this.#refusing.text || !hasRefs(refusing);
  }

  #numberOf(schema: JsonSchema): number {
    let number = this.#numbers.get(schema);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(schema, number);
    }
    return number;
  }
}

function* compareTypes(facts: Facts, node: SchemaNode, pointer: string): Generator<Finding> {
  const refused = new Set<JsonType>([...facts.types].filter((one) => !isAmong(one, node.types)));
  if (refused.size === 0) return;
  const isNarrowed = refused.has("number") && node.types.has("integer");
  yield {
    pointer,
    keyword: "type",
    accepting: typesInWords(facts.types),
    refusing: typesInWords(node.types),
    events: isNarrowed && refused.size === 1 ? "with a fraction" : `with ${typesInWords(refused)}`,
    certain: true,
  };
}

function listedOnly(facts: Facts, node: SchemaNode, pointer: string): Finding {
  return {
    pointer,
    keyword: node.values?.length === 1 ? "const" : "enum",
    accepting: typesInWords(facts.types),
    refusing: valuesInWords(node.values ?? []),
    events: "with another value",
    certain: facts.values === undefined,
  };
}

function forbidden(pointer: string): Finding {
  const isOthers = pointer.endsWith("/*");
  return {
    pointer,
    keyword: isOthers ? "additionalProperties" : "false schema",
    accepting: "allowed",
    refusing: "not allowed",
    events: isOthers ? "with members that are not listed" : "that have it",
    certain: true,
  };
}

function unclear(pointer: string, keyword: string, what: string): Finding {
  const refusing = jsonInWords(what);
  return {
    pointer,
    keyword,
    accepting: "another schema",
    refusing,
    events: "here",
    certain: false,
  };
}
