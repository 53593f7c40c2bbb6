import type { BusEvent } from "../../bus/index.js";
import { fieldOf, memberOf } from "../../consumers/field.js";
import type { FeatureDeclaration } from "../../consumers/models/features/feature.js";
import { namesOf } from "../../consumers/models/features/path-names.js";
import { FedbusError } from "../../schemas/errors.js";

/** A feature that is read from events. */
interface Read {
  readonly path: string;
  /** From the event on. */
  readonly names: readonly string[];
  readonly valueIn: (event: BusEvent) => unknown;
  readonly isNumber: boolean;
}

/** What a model's features find in events; of features that a function makes nothing is known. */
export class DeclaredValues {
  readonly #reads: readonly Read[];
  readonly #texts = new Map<string, number>();

  constructor({ list = [] }: Partial<FeatureDeclaration> = {}) {
    this.#reads = list.map(({ path, encoder }) => {
      const names = namesOf(path);
      const rootOf = fieldOf(names[0]!);
      const valueIn = (event: BusEvent): unknown => memberOf(rootOf(event), names.slice(1));
      return { path, names, valueIn, isNumber: encoder.kind === "number" };
    });
  }

  /** By path: values so far that are no numbers where numbers are declared; they count as missing. */
  get texts(): ReadonlyMap<string, number> {
    return this.#texts;
  }

  /** Whether a feature reads something below the body's own member of that name. */
  readsBelow(member: string): boolean {
    return this.#reads.some(({ names }) => names[0] === "msg" && names[1] === member);
  }

  /**
   * The paths of the event's features that count as missing: nothing is there, or no number where the model wants
   * one. Throws INPUT_INVALID for an event of which the body has nothing at all that the model could see.
   */
  check(event: BusEvent): readonly string[] {
    const ofBody = this.#reads.filter(({ names }) => names[0] === "msg");
    if (ofBody.length > 0 && ofBody.every(({ valueIn }) => valueIn(event) === undefined))
      throw nothingThere(ofBody.map(({ path }) => path));
    const missing = new Set<string>();
    for (const { path, valueIn, isNumber } of this.#reads) {
      const value = valueIn(event) ?? undefined;
      const isText = isNumber && (typeof value === "string" || typeof value === "object");
      if (isText) this.#texts.set(path, (this.#texts.get(path) ?? 0) + 1);
      if (isText || value === undefined) missing.add(path);
    }
    return [...missing];
  }
}

function nothingThere(missing: readonly string[]): FedbusError {
  const what = missing.slice(0, shownMax).join(", ") + (missing.length > shownMax ? ", …" : "");
  return new FedbusError("INPUT_INVALID", `none of the model's features is there: ${what}`, {
    details: { missing },
  });
}

/** Features that a message names. */
const shownMax = 8;
