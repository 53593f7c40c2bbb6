import type { ModelSettings } from "../../consumers/index.js";
import { valueDifferences } from "../whatif/field-diff.js";

/** A member of the lineage that is another one now. */
export interface LineageDifference {
  /** JSON pointer. */
  readonly path: string;
  readonly stored?: unknown;
  readonly retrained?: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** What a model follows from, the most telling first; all else of a lineage follows from these and the events. */
const causes: readonly string[] = [
  ...["hyper", "seed", "kind", "task", "classes", "features", "training"],
  ...["plugin", "runtime", "inputs", "offsets"],
];
/** What no model is made of: the names of the bytes, and how many models there were before. */
const names: readonly string[] = ["sha256", "bytes", "version"];

/** In what two lineages differ, causes before what follows from them. */
export function differencesOf(stored: Members, retrained: Members): LineageDifference[] {
  const members = new Set([...causes, ...Object.keys(stored), ...Object.keys(retrained)]);
  return [...members]
    .filter((name) => !names.includes(name))
    .flatMap((name) => within(name, stored, retrained));
}

/** In what a lineage is not as a consumer would make it, before anything is learnt. */
export function settingsDifferences(stored: Members, settings: ModelSettings): LineageDifference[] {
  const own: Members = { ...settings };
  return causes
    .filter((name) => own[name] !== undefined || (name === "classes" && stored[name] !== undefined))
    .flatMap((name) => within(name, stored, own));
}

function within(name: string, stored: Members, retrained: Members): LineageDifference[] {
  const [old, fresh] = [stored, retrained].map((from) =>
    from[name] === undefined ? {} : { [name]: from[name] },
  );
  return valueDifferences(old, fresh).map(({ path, old: before, new: now }) => ({
    path,
    ...(before !== undefined && { stored: before }),
    ...(now !== undefined && { retrained: now }),
  }));
}
