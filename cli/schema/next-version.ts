import { basename } from "node:path";
import type { Bus } from "../../bus/index.js";
import {
  type Compatibility,
  compatibilities,
  FedbusError,
  type SchemaDefinition,
  type SchemaListing,
} from "../../schemas/index.js";
import { readSchema } from "../input/schema-file.js";
import { given, parseCount, wrongOption } from "../units.js";
import { readUpcaster, type UpcasterFile } from "./upcaster-file.js";

/** What names the version that a file is to become. */
export const versionOptions = {
  name: { type: "string", describe: "Default: the file's name" },
  version: { type: "string", describe: "1, 2, 3 ... (default: the next one)" },
  topic: {
    type: "string",
    array: true,
    default: [] as string[],
    describe:
      "Pattern of the topics it is for (may be repeated; default: those of the version before, else the name)",
  },
  compatibility: {
    type: "string",
    describe:
      "What versions promise the one before: backward, forward, full, none (default: as before; backward at first)",
  },
} as const;

export interface VersionValues {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly topic: readonly string[];
  readonly compatibility: string | undefined;
}

/** A version that is not registered yet, and what is. */
export interface NextVersion {
  readonly definition: SchemaDefinition;
  /** The version right before it. */
  readonly before: SchemaListing | undefined;
  readonly listings: readonly SchemaListing[];
  readonly upcaster: UpcasterFile | undefined;
}

/** What a command was given, read and checked before a log is opened. */
export interface Candidate {
  readonly schema: SchemaDefinition["schema"];
  readonly name: string;
  readonly version: number | undefined;
  readonly topics: readonly string[];
  readonly compatibility: Compatibility | undefined;
  readonly upcaster: UpcasterFile | undefined;
}

/** Rejects with INPUT_INVALID, OPTIONS_INVALID, SCHEMA_INVALID. */
export async function readCandidate(
  file: string,
  values: VersionValues,
  upcaster: string | undefined,
): Promise<Candidate> {
  return {
    schema: await readSchema(file),
    name: values.name ?? basename(file).replace(/(?:\.schema)?\.json$/, ""),
    version: given(values.version, (text) => parseCount("--version", text, 1)),
    topics: values.topic,
    compatibility: given(values.compatibility, compatibilityFrom),
    upcaster: upcaster === undefined ? undefined : await readUpcaster(upcaster),
  };
}

function compatibilityFrom(text: string): Compatibility {
  const known = compatibilities.find((one) => one === text);
  if (known === undefined) throw wrongOption("--compatibility", text, compatibilities.join(", "));
  return known;
}

/** The version that the candidate is to become on this bus. */
export async function nextVersion(bus: Bus, candidate: Candidate): Promise<NextVersion> {
  const { name, schema, compatibility, upcaster } = candidate;
  const listings = await bus.schemas();
  const latest = listings.filter((one) => one.name === name).at(-1);
  const version = candidate.version ?? (latest?.version ?? 0) + 1;
  const before = listings.filter((one) => one.name === name && one.version < version).at(-1);
  const topics = candidate.topics.length > 0 ? candidate.topics : (latest?.topics ?? [name]);
  const definition = {
    name,
    version,
    topics,
    schema,
    ...(compatibility === undefined ? {} : { compatibility }),
    ...(upcaster === undefined ? {} : { upcast: upcaster.upcast }),
  };
  if (upcaster !== undefined && before === undefined)
    throw new FedbusError("OPTIONS_INVALID", `${name}@${version} has no version before it`, {
      details: { remedy: "an upcaster is for events of the version before" },
    });
  return { definition, before, listings, upcaster };
}
