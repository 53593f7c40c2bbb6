import { canonicalJson } from "../canonical-json.js";
import type { SchemaCompiler, Validate } from "../schema-compiler.js";
import type { JsonSchema } from "../schema-definition.js";
import { draftOf, type SchemaDraft } from "../schema-draft.js";
import { readNode, type SchemaNode } from "./node.js";

/** Parts that are compiled to try values on, at most: each takes about a millisecond. */
const partsCompiledMax = 40;

/** Keywords whose meaning is that of the schemas beside them: without those, they would say more. */
const unevaluated: readonly string[] = ["unevaluatedProperties", "unevaluatedItems"];

type SchemaObject = Exclude<JsonSchema, boolean>;

/** A schema as a whole: what its parts may refer to, and how its draft reads them. */
export class SchemaDocument {
  readonly root: JsonSchema;
  readonly draft: SchemaDraft;
  readonly #compiler: SchemaCompiler;
  readonly #nodes = new WeakMap<object, SchemaNode>();
  readonly #checks = new Map<JsonSchema, Validate | undefined>();
  readonly #lessened = new WeakMap<SchemaObject, Map<string, SchemaObject>>();
  #text: string | undefined;
  #hasInnerNames: boolean | undefined;

  constructor(root: JsonSchema, compiler: SchemaCompiler) {
    this.root = root;
    this.draft = draftOf(root);
    this.#compiler = compiler;
  }

  /** The root's canonical JSON. */
  get text(): string {
    this.#text ??= canonicalJson(this.root);
    return this.#text;
  }

  /** What a part says, in one form for all drafts. */
  nodeOf(schema: SchemaObject): SchemaNode {
    let node = this.#nodes.get(schema);
    if (node === undefined) {
      node = readNode(schema, this.draft, this.#compiler);
      this.#nodes.set(schema, node);
    }
    return node;
  }

  /** What `$ref` names, if that is a place in this document. */
  resolve(ref: unknown): JsonSchema | undefined {
    if (typeof ref !== "string" || this.#namesInside()) return undefined;
    const fragment = this.#fragmentOf(ref);
    if (fragment === "") return this.root;
    if (fragment?.[0] !== "/") return undefined;
    let place: unknown = this.root;
    for (const step of fragment.slice(1).split("/")) {
      const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
      if (typeof place !== "object" || place === null || !Object.hasOwn(place, key))
        return undefined;
      place = (place as Record<string, unknown>)[key];
    }
    return isSchema(place) ? place : undefined;
  }

  /** A check of values against a part; undefined where the part cannot stand alone. */
  checkOf(part: JsonSchema): Validate | undefined {
    if (this.#checks.has(part)) return this.#checks.get(part);
    if (this.#checks.size >= partsCompiledMax) return undefined;
    const check = this.#compile(part);
    this.#checks.set(part, check);
    return check;
  }

  /** The schema without some keywords, the same object each time. */
  without(schema: SchemaObject, ...names: readonly string[]): SchemaObject {
    const known = this.#lessened.get(schema) ?? new Map<string, SchemaObject>();
    this.#lessened.set(schema, known);
    const key = names.join();
    let less = known.get(key);
    if (less === undefined) {
      const leftOut = [...names, ...unevaluated];
      const kept = Object.entries(schema).filter(([name]) => !leftOut.includes(name));
      less = Object.fromEntries(kept);
      known.set(key, less);
    }
    return less;
  }

  #compile(part: JsonSchema): Validate | undefined {
    const alone = this.#standingAlone(part);
    if (alone === undefined) return undefined;
    try {
      return this.#compiler.compile(alone, this.draft);
    } catch {
      return undefined;
    }
  }

  #standingAlone(part: JsonSchema): JsonSchema | undefined {
    if (typeof part === "boolean" || part === this.root || typeof this.root === "boolean")
      return part;
    const { $schema, definitions, $defs } = this.root;
    const shared = { ...(definitions ? { definitions } : {}), ...($defs ? { $defs } : {}) };
    const { $id: _, id: __, ...own } = part;
    const alone = { ...($schema ? { $schema } : {}), ...own, ...shared };
    const refs = refsIn(alone);
    const isWhole = refs.every((ref) => /^#\/(?:definitions|\$defs)\//.test(ref));
    const isStatic = !/"\$(?:dynamic|recursive)Ref":/.test(JSON.stringify(alone));
    return isWhole && isStatic && !this.#namesInside() ? alone : undefined;
  }

  #fragmentOf(ref: string): string | undefined {
    if (ref.startsWith("#")) return ref.slice(1);
    const id = typeof this.root === "boolean" ? undefined : (this.root.$id ?? this.root.id);
    if (typeof id !== "string") return undefined;
    const [base = "", fragment = ""] = ref.split("#");
    return base === id.replace(/#$/, "") ? fragment : undefined;
  }

  /** Whether a part has a name of its own, which changes what references mean. */
  #namesInside(): boolean {
    this.#hasInnerNames ??= hasNames(this.root, true);
    return this.#hasInnerNames;
  }
}

export function isSchema(value: unknown): value is JsonSchema {
  return (
    typeof value === "boolean" ||
    (typeof value === "object" && value !== null && !Array.isArray(value))
  );
}

/** Whether a reference, of whatever kind, stands in `value`. */
export function hasRefs(value: unknown): boolean {
  return /"\$(?:ref|dynamicRef|recursiveRef)":/.test(JSON.stringify(value));
}

function refsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = (value as { $ref?: unknown }).$ref;
  const inner = Object.values(value).flatMap(refsIn);
  return typeof own === "string" ? [own, ...inner] : inner;
}

function hasNames(value: unknown, isRoot: boolean): boolean {
  if (typeof value !== "object" || value === null) return false;
  const names = isRoot ? ["$anchor", "$dynamicAnchor"] : ["$id", "id", "$anchor", "$dynamicAnchor"];
  // A property may be called `id`: then it holds a schema, and no text.
  if (names.some((name) => typeof (value as Record<string, unknown>)[name] === "string"))
    return true;
  return Object.values(value).some((inner) => hasNames(inner, false));
}
