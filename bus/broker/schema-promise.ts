import {
  type Compatibility,
  compareSchemas,
  FedbusError,
  type SchemaDefinition,
  type SchemaDifference,
  type SchemaListing,
  type SchemaRegistry,
} from "../../schemas/index.js";
import { checkArchive } from "../archive/check-archive.js";
import type { EventSource } from "../log/event-source.js";

/** What is stored, and under which schemas. */
export interface Archive {
  readonly source: EventSource;
  readonly listings: readonly SchemaListing[];
}

/** A hub looks this long into its archive for one schema; past that, whoever registers must. Milliseconds. */
export const archiveCheckMsMax = 20_000;

/** Differences that an error tells. */
const toldMax = 20;

/**
 * Rejects with SCHEMA_INCOMPATIBLE unless the version keeps what its name's versions promise each
 * other. Where the schemas alone do not tell, the stored events do: if the new version accepts them all
 * (brought to it by its upcaster, if it has one), that is taken for an answer. An upcaster that is a
 * module runs with its readers only: whoever registers it answers for it.
 */
export async function checkCompatible(
  registry: SchemaRegistry,
  definition: SchemaDefinition,
  archive: Archive,
): Promise<void> {
  const { name, version, schema, upcast } = definition;
  const isKnown = registry.get(name, version) !== undefined;
  const before = registry.before(name, version);
  if (isKnown || before === undefined) return;
  const mode = definition.compatibility ?? registry.compatibility(name, version);
  const differences = compareSchemas(before.schema, schema, mode);
  const open = differences.filter(
    ({ certain, direction }) => direction === "backward" && (!certain || upcast !== undefined),
  );
  const settled = differences.filter((difference) => !open.includes(difference));
  if (settled.length > 0) throw incompatible(definition, mode, differences);
  if (open.length === 0 || (upcast !== undefined && "module" in upcast)) return;
  if (!(await isClear(definition, archive))) throw incompatible(definition, mode, differences);
}

/** Whether the version accepts all that is stored, as far as that can be seen in time. */
async function isClear(definition: SchemaDefinition, archive: Archive): Promise<boolean> {
  const signal = AbortSignal.timeout(archiveCheckMsMax);
  const { source, listings } = archive;
  try {
    // What has come meanwhile is looked at too.
    for (let from: number | undefined; ; ) {
      const range = from === undefined ? {} : { from };
      const options = { definition, listings, upcast: true, signal, ...range };
      const { refused, damaged, to } = await checkArchive(source, options);
      if (refused > 0 || damaged.length > 0) return false;
      if (to >= (await source.info()).head) return true;
      from = to;
    }
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function incompatible(
  { name, version }: SchemaDefinition,
  compatibility: Compatibility,
  differences: readonly SchemaDifference[],
): FedbusError {
  const [first] = differences;
  const more = differences.length > 1 ? `, and ${differences.length - 1} more` : "";
  return new FedbusError(
    "SCHEMA_INCOMPATIBLE",
    `${name}@${version} is not ${compatibility} compatible: ${first?.message}${more}`,
    {
      details: {
        schema: name,
        version,
        compatibility,
        differences: differences.slice(0, toldMax),
      },
    },
  );
}
