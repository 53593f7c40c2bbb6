import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.js";
import { type Compatibility, compatibilities } from "./compatibility/difference.js";
import { FedbusError } from "./errors.js";
import { SchemaBindings } from "./schema-bindings.js";
import { SchemaCompiler, type Validate } from "./schema-compiler.js";
import { checkDefinition, type SchemaDefinition } from "./schema-definition.js";
import { draftOf } from "./schema-draft.js";
import { checkSchemaLimits, type SchemaLimits, schemaLimits } from "./schema-limits.js";
import { shown } from "./topic.js";

export type { SchemaDefinition } from "./schema-definition.js";

/** A registered schema version. */
export interface SchemaListing extends SchemaDefinition {
  /** `2020-12`, `2019-09`, `07` or `04`. */
  readonly draft: string;
  /** SHA-256 of the schema's canonical JSON, hex. */
  readonly digest: string;
  /** Of a registered version: the offset of the event that put it in force. */
  readonly since?: number;
}

/** A schema version, ready to check bodies with. */
export interface BoundSchema {
  readonly name: string;
  readonly version: number;
  readonly validate: Validate;
}

interface Entry {
  readonly listing: SchemaListing;
  readonly bound: BoundSchema;
}

/** Versions of one name, and which is the latest. */
interface Family {
  readonly versions: Map<number, Entry>;
  latest: Entry;
}

/**
 * Every schema of a bus, by name and version, and which topics they are bound to: those of the latest
 * version of each name. Registering the same content in the same order gives the same registry.
 */
export class SchemaRegistry {
  readonly #limits: SchemaLimits;
  readonly #compiler = new SchemaCompiler();
  readonly #families = new Map<string, Family>();
  readonly #bindings = new SchemaBindings();
  #revision = 0;
  #count = 0;

  constructor(options: { readonly limits?: Partial<SchemaLimits> } = {}) {
    this.#limits = { ...schemaLimits, ...options.limits };
  }

  /** Goes up by one with every change. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Checks, compiles and binds a schema version; one that is there already, the same in everything,
   * is left as it is. Throws SCHEMA_INVALID, SCHEMA_LIMIT, PATTERN_INVALID, and SCHEMA_CONFLICT when
   * the version exists with other content or another name holds one of the topic patterns. A throw
   * changes nothing.
   */
  register(definition: SchemaDefinition): SchemaListing {
    const checked = checkDefinition(definition);
    const { name, version, topics } = checked;
    checkSchemaLimits(checked.schema, this.#limits);
    const draft = draftOf(checked.schema);
    const digest = createHash("sha256").update(canonicalJson(checked.schema)).digest("hex");
    const family = this.#families.get(name);
    const same = family?.versions.get(version);
    if (same !== undefined) return sameOrConflict(same.listing, digest, checked);
    const isLatest = family === undefined || version > family.latest.listing.version;
    if (isLatest) this.#checkBindings(name, topics);
    this.#checkCount();
    const validate = this.#compiler.compile(checked.schema, draft);
    const entry = {
      listing: Object.freeze({ ...checked, draft, digest }),
      bound: { name, version, validate },
    };
    this.#add(entry, family, isLatest);
    return entry.listing;
  }

  /** Every version, by name and then version. */
  list(): SchemaListing[] {
    return [...this.#families.values()]
      .flatMap((family) => [...family.versions.values()].map((entry) => entry.listing))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version));
  }

  /** That version of `name`, or its latest. */
  get(name: string, version?: number): SchemaListing | undefined {
    const family = this.#families.get(name);
    if (version === undefined) return family?.latest.listing;
    return family?.versions.get(version)?.listing;
  }

  /** The latest version of the schema with the most specific pattern for `topic`. */
  forTopic(topic: string): BoundSchema | undefined {
    const bound = this.#bindings.forTopic(topic);
    return bound === undefined ? undefined : this.#families.get(bound.name)!.latest.bound;
  }

  /** The version of `name` that comes right before `version`. */
  before(name: string, version: number): SchemaListing | undefined {
    const versions = [...(this.#families.get(name)?.versions.keys() ?? [])];
    const previous = Math.max(...versions.filter((one) => one < version));
    return this.get(name, previous);
  }

  /** What the versions of `name` promise each other up to `version`: what the newest one said that says it. */
  compatibility(name: string, version = Number.POSITIVE_INFINITY): Compatibility {
    const versions = [...(this.#families.get(name)?.versions.values() ?? [])]
      .map(({ listing }) => listing)
      .filter((one) => one.version <= version && one.compatibility !== undefined)
      .sort((a, b) => b.version - a.version);
    return versions[0]?.compatibility ?? compatibilities[0]!;
  }

  /**
   * The schema that `ref` names: `name`, its latest version, or `name@version`. Throws
   * SCHEMA_UNKNOWN or SCHEMA_VERSION_UNKNOWN.
   */
  named(ref: string): BoundSchema {
    const at = ref.indexOf("@");
    const name = at < 0 ? ref : ref.slice(0, at);
    const version = at < 0 ? undefined : ref.slice(at + 1);
    const family = this.#families.get(name);
    if (family === undefined)
      throw new FedbusError("SCHEMA_UNKNOWN", `no schema is named ${shown(name)}`, {
        details: { schema: shown(name) },
      });
    if (version === undefined) return family.latest.bound;
    const entry = /^[1-9]\d{0,6}$/.test(version) ? family.versions.get(Number(version)) : undefined;
    if (entry !== undefined) return entry.bound;
    throw new FedbusError(
      "SCHEMA_VERSION_UNKNOWN",
      `the schema ${name} has no version ${shown(version)}`,
      { details: { schema: name, version: shown(version), versions: [...family.versions.keys()] } },
    );
  }

  #checkBindings(name: string, topics: readonly string[]): void {
    for (const pattern of topics) {
      const other = this.#bindings.holderOf(pattern);
      if (other !== undefined && other !== name)
        throw new FedbusError("SCHEMA_CONFLICT", `${pattern} is bound to the schema ${other}`, {
          details: { schema: name, pattern, boundTo: other },
        });
    }
  }

  #checkCount(): void {
    const { versionsMax } = this.#limits;
    if (this.#count >= versionsMax)
      throw new FedbusError("SCHEMA_LIMIT", `the registry holds ${versionsMax} versions already`, {
        details: { limit: "versionsMax", max: versionsMax },
      });
  }

  #add(entry: Entry, family: Family | undefined, isLatest: boolean): void {
    const { name, version } = entry.listing;
    this.#bindings.bind(entry.listing);
    if (family === undefined)
      this.#families.set(name, { versions: new Map([[version, entry]]), latest: entry });
    else {
      family.versions.set(version, entry);
      if (isLatest) family.latest = entry;
    }
    this.#count++;
    this.#revision++;
  }
}

function sameOrConflict(
  listing: SchemaListing,
  digest: string,
  { topics, compatibility, upcast }: SchemaDefinition,
): SchemaListing {
  const others = [
    listing.digest !== digest && "other content",
    listing.topics.join(",") !== topics.join(",") && "other topics",
    compatibility !== undefined &&
      listing.compatibility !== compatibility &&
      "another compatibility",
    upcast !== undefined &&
      canonicalJson(listing.upcast ?? null) !== canonicalJson(upcast) &&
      "another upcaster",
  ];
  const what = others.find((one) => one !== false);
  if (what === undefined) return listing;
  throw new FedbusError(
    "SCHEMA_CONFLICT",
    `version ${listing.version} of the schema ${listing.name} exists with ${what}`,
    { details: { schema: listing.name, version: listing.version, digest: listing.digest } },
  );
}
