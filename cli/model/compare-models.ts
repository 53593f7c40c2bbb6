import { type ModelVersion, objectIn } from "../../consumers/index.js";
import { canonicalJson } from "../../schemas/canonical-json.js";
import { columnsOf, knownColumnsOf, plainMetrics } from "./lineage-text.js";

export interface ComparedRow {
  readonly what: string;
  readonly values: readonly [first: unknown, second: unknown];
  readonly isSame: boolean;
}

/** Two versions of models, side by side. */
export interface ComparedModels {
  readonly rows: readonly ComparedRow[];
  /** Columns that only one of them takes, but those for categories that have not come yet. */
  readonly columns: {
    readonly onlyFirst: readonly string[];
    readonly onlySecond: readonly string[];
  };
  /** Whether they are the same file. */
  readonly isSame: boolean;
}

/** What of a lineage is told member by member. */
const groups = ["hyper", "training", "offsets", "plugin", "runtime"];

export function compareModels(first: ModelVersion, second: ModelVersion): ComparedModels {
  const facts = [factsOf(first), factsOf(second)] as const;
  const names = new Set([...facts[0].keys(), ...facts[1].keys()]);
  const rows = [...names].map((what): ComparedRow => {
    const values = [facts[0].get(what), facts[1].get(what)] as const;
    return { what, values, isSame: isEqual(...values) };
  });
  const columns = [knownColumnsOf(first), knownColumnsOf(second)] as const;
  return {
    rows,
    columns: {
      onlyFirst: columns[0].filter((name) => !columns[1].includes(name)),
      onlySecond: columns[1].filter((name) => !columns[0].includes(name)),
    },
    isSame: first.sha256 === second.sha256,
  };
}

/** What is known of a version, by what it is called. */
function factsOf(version: ModelVersion): Map<string, unknown> {
  const { lineage, sha256, bytes, origin } = version;
  const { kind, task, seed, rows, classes } = lineage;
  const facts = new Map<string, unknown>([
    ...Object.entries({ sha256: sha256.slice(0, 12), bytes, origin, kind, task, classes }),
    ...Object.entries({ seed, rows, columns: columnsOf(version).length }),
  ]);
  for (const group of groups)
    for (const [name, value] of Object.entries(objectIn(lineage[group])))
      facts.set(`${group}.${name}`, value);
  for (const [name, value] of Object.entries(plainMetrics(lineage.metrics)))
    facts.set(`metrics.${name}`, value);
  for (const [name, value] of facts) if (value === undefined) facts.delete(name);
  return facts;
}

export function isEqual(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return canonicalJson(one) === canonicalJson(other);
}
