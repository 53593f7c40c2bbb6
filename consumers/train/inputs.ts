import { decodeSchemaEvent, isFedbusError, PatternMap } from "../../schemas/index.js";

/** Topics that a model's lineage names, at most. */
const topicsMax = 256;

/** A topic that a model was learnt from, and the schema that its events had last. */
export interface ModelInput {
  readonly topic: string;
  readonly schema?: string;
  readonly version?: number;
}

/** What is kept of it, as JSON. */
export interface InputsState {
  readonly topics: readonly string[];
  /** The latest version of each schema. */
  readonly schemas: readonly {
    readonly name: string;
    readonly version: number;
    readonly topics: readonly string[];
  }[];
}

/** Which topics were learnt from, and by which schemas. */
export class Inputs {
  readonly #topics: Set<string>;
  readonly #schemas: Map<string, InputsState["schemas"][number]>;

  constructor(state?: InputsState) {
    this.#topics = new Set(state?.topics);
    this.#schemas = new Map(state?.schemas.map((schema) => [schema.name, schema]));
  }

  /** An event of that topic was learnt from. */
  saw(topic: string): void {
    if (this.#topics.size < topicsMax) this.#topics.add(topic);
  }

  /** The body of an event on `fedbus.schema.registered`; one that makes no sense is none of our business. */
  registered(body: unknown): void {
    try {
      const { name, version, topics } = decodeSchemaEvent(body);
      if (version > (this.#schemas.get(name)?.version ?? 0))
        this.#schemas.set(name, { name, version, topics: [...topics] });
    } catch (error) {
      if (!isFedbusError(error)) throw error;
    }
  }

  /** The topics in order, each with the schema that its most specific pattern names. */
  list(): ModelInput[] {
    const names = new PatternMap<string>();
    for (const { name, topics } of this.#schemas.values())
      for (const pattern of topics) names.set(pattern, name);
    return [...this.#topics].sort().map((topic) => {
      const schema = this.#schemas.get(names.matches(topic)[0] ?? "");
      return schema === undefined
        ? { topic }
        : { topic, schema: schema.name, version: schema.version };
    });
  }

  get state(): InputsState {
    return { topics: [...this.#topics], schemas: [...this.#schemas.values()] };
  }
}
