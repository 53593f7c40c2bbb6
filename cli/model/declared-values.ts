import type { BusEvent } from "../../bus/index.js";
import { fieldOf, memberOf } from "../../consumers/field.js";
import type { FeatureDeclaration } from "../../consumers/models/features/feature.js";
import { namesOf } from "../../consumers/models/features/path-names.js";
import { FedbusError } from "../../schemas/errors.js";

/** A feature that is read from the bodies of events. */
interface Read {
  readonly path: string;
  /** From the body on. */
  readonly names: readonly string[];
  readonly isNumber: boolean;
}

/** What a model's features find in the bodies of events; of features that a function makes nothing is known. */
export class DeclaredValues {
  readonly #reads: readonly Read[];
  readonly #texts = new Map<string, number>();

  constructor({ list = [] }: Partial<FeatureDeclaration> = {}) {
    this.#reads = list.flatMap(({ path, encoder }) => {
      const [root, ...names] = namesOf(path);
      return root === "msg" ? [{ path, names, isNumber: encoder.kind === "number" }] : [];
    });
  }

  /** By path: values so far that are no numbers where numbers are declared; they count as missing. */
  get texts(): ReadonlyMap<string, number> {
    return this.#texts;
  }

  /** Whether a feature reads something below the body's own member of that name. */
  readsBelow(member: string): boolean {
    return this.#reads.some(({ names }) => names[0] === member);
  }

  /** Throws INPUT_INVALID for an event with nothing at all that the model could see. */
  check(event: BusEvent): void {
    const body = bodyOf(event);
    let there = 0;
    for (const { path, names, isNumber } of this.#reads) {
      const value = memberOf(body, names);
      if (value !== undefined) there++;
      if (isNumber && (typeof value === "string" || typeof value === "object") && value !== null)
        this.#texts.set(path, (this.#texts.get(path) ?? 0) + 1);
    }
    if (there > 0 || this.#reads.length === 0) return;
    const missing = this.#reads.map(({ path }) => path);
    const what = missing.slice(0, shownMax).join(", ") + (missing.length > shownMax ? ", …" : "");
    throw new FedbusError("INPUT_INVALID", `none of the model's features is there: ${what}`, {
      details: { missing },
    });
  }
}

/** Features that a message names. */
const shownMax = 8;

const bodyOf = fieldOf("msg");
