import { FedbusError, isFedbusError } from "../errors.js";
import type { SchemaDefinition } from "../schema-definition.js";
import { stepFunction, UpcastFault } from "./apply.js";

/** The function of an upcast by module: the body of the version before, as one of the next. */
export type UpcastFunction = (body: unknown) => unknown;

/** Functions by the names that versions call them. */
export type Upcasters = Readonly<Record<string, UpcastFunction>>;

/** Up to which version events are brought: the latest, or of some names those. Other names stay as they are. */
export type SchemaTarget = "latest" | Readonly<Record<string, number>>;

type Version = Pick<SchemaDefinition, "name" | "version" | "upcast">;

/** Brings bodies from the version they were written under to a newer one, a version at a time. */
export class Upcaster {
  readonly #versions = new Map<string, Version[]>();
  readonly #functions: Upcasters;
  readonly #target: SchemaTarget;
  readonly #chains = new Map<string, UpcastFunction | undefined>();

  constructor(
    versions: readonly Version[],
    options: { readonly target?: SchemaTarget; readonly upcasters?: Upcasters } = {},
  ) {
    this.#functions = options.upcasters ?? {};
    this.#target = options.target ?? "latest";
    for (const version of versions) this.add(version);
  }

  /** A version that has come since. */
  add(added: Version): void {
    const known = this.#versions.get(added.name) ?? [];
    const others = known.filter(({ version }) => version !== added.version);
    const sorted = [...others, added].sort((a, b) => a.version - b.version);
    this.#versions.set(added.name, sorted);
    this.#chains.clear();
  }

  /**
   * The body as the target version has it; the same object where nothing changes. Throws
   * UPCASTER_MISSING and UPCAST_FAILED, whose details have the schema and the version that failed.
   */
  upcast(name: string, from: number, body: unknown): unknown {
    const key = `${name}@${from}`;
    let chain = this.#chains.get(key);
    if (chain === undefined && !this.#chains.has(key)) {
      chain = this.#chainOf(name, from);
      this.#chains.set(key, chain);
    }
    return chain === undefined ? body : chain(body);
  }

  #chainOf(name: string, from: number): UpcastFunction | undefined {
    const target = this.#target === "latest" ? Number.POSITIVE_INFINITY : this.#target[name];
    const links = (this.#versions.get(name) ?? [])
      .filter(({ version }) => version > from && version <= (target ?? 0))
      .flatMap((version) => this.#linkOf(version) ?? []);
    if (links.length === 0) return undefined;
    return (body) => links.reduce((before, link) => link(before), body);
  }

  #linkOf({ name, version, upcast }: Version): UpcastFunction | undefined {
    if (upcast === undefined) return undefined;
    const guarded = (change: UpcastFunction, place: object): UpcastFunction => {
      return (body) => {
        try {
          return change(body);
        } catch (error) {
          throw failed(error, { schema: name, version, ...place });
        }
      };
    };
    if ("module" in upcast) return guarded(this.#functionOf(upcast.module, name, version), {});
    const steps = upcast.map((step, index) => guarded(stepFunction(step), { step: index }));
    return (body) => steps.reduce((before, step) => step(before), body);
  }

  #functionOf(module: string, schema: string, version: number): UpcastFunction {
    const found = Object.hasOwn(this.#functions, module) ? this.#functions[module] : undefined;
    if (typeof found === "function") return found;
    throw new FedbusError(
      "UPCASTER_MISSING",
      `${schema}@${version} needs the upcaster ${module}, and it was not given`,
      { details: { schema, version, module } },
    );
  }
}

function failed(error: unknown, details: Readonly<Record<string, unknown>>): FedbusError {
  if (isFedbusError(error)) return error;
  const why =
    error instanceof UpcastFault || error instanceof Error ? error.message : String(error);
  const { schema, version } = details;
  return new FedbusError("UPCAST_FAILED", `an event cannot become ${schema}@${version}: ${why}`, {
    details,
    cause: error,
  });
}
