/** A schema version to register. */
export interface SchemaDefinition {
  /** Dotted name, such as `order.created`. */
  readonly name: string;
  /** 1, 2, 3 ... */
  readonly version: number;
  /** Topic patterns whose events' `msg` it describes; the most specific pattern of all wins. */
  readonly topics: readonly string[];
  /** JSON Schema: draft 2020-12, 2019-09, 07 or 04, by its `$schema` (default 2020-12). */
  readonly schema: Readonly<Record<string, unknown>> | boolean;
}

/** A registered schema version. */
export interface SchemaListing extends SchemaDefinition {
  /** `2020-12`, `2019-09`, `07` or `04`. */
  readonly draft: string;
  /** SHA-256 of the schema's canonical JSON, hex. */
  readonly digest: string;
}
