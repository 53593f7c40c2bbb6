import { type ArchiveReport, type Bus, checkArchive } from "../../bus/index.js";
import { type Compatibility, compareSchemas, type SchemaDifference } from "../../schemas/index.js";
import type { Context } from "../context.js";
import { startProgress } from "../render/progress.js";
import { type Candidate, nextVersion } from "./next-version.js";

/** What a version would do to those who have events of the version before, and to what is stored. */
export interface StoredCheck {
  readonly name: string;
  readonly version: number;
  readonly compatibility: Compatibility;
  /** The version that it is compared with. */
  readonly before: number | undefined;
  readonly differences: readonly SchemaDifference[];
  readonly archive: ArchiveReport;
  /** Whether it could be registered, and refuses nothing that is stored. */
  readonly ok: boolean;
}

/** Compares the candidate with the version before it, and with every stored event of its topics. */
export async function checkStored(
  bus: Bus,
  candidate: Candidate,
  context: Context,
): Promise<StoredCheck> {
  const { definition, before, listings, upcaster } = await nextVersion(bus, candidate);
  const { name, version } = definition;
  const compatibility = definition.compatibility ?? compatibilityOf(name, listings);
  const differences =
    before === undefined ? [] : compareSchemas(before.schema, definition.schema, compatibility);
  const { first, head } = await bus.source.info();
  const progress = startProgress(context, "checking", head - first);
  const archive = await checkArchive(bus.source, {
    definition,
    listings,
    upcast: upcaster !== undefined,
    ...(upcaster === undefined ? {} : { upcasters: upcaster.upcasters }),
    from: first,
    to: head,
    signal: context.signal,
    onProgress: (offset) => progress.update(offset - first),
  }).finally(() => progress.stop());
  const isOpen = ({ direction, certain }: SchemaDifference): boolean =>
    direction === "backward" && (!certain || upcaster !== undefined);
  const ok = archive.refused === 0 && differences.every(isOpen);
  return { name, version, compatibility, before: before?.version, differences, archive, ok };
}

function compatibilityOf(
  name: string,
  listings: readonly { readonly name: string; readonly compatibility?: Compatibility }[],
): Compatibility {
  const said = listings.filter((one) => one.name === name && one.compatibility !== undefined);
  return said.at(-1)?.compatibility ?? "backward";
}
