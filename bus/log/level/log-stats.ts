import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LogStats } from "../event-log.js";
import type { LogCore } from "./log-core.js";
import type { LogIndex } from "./log-index.js";

export async function logStats(dir: string, core: LogCore, index: LogIndex): Promise<LogStats> {
  const { blocks, events, bytes } = index.meta;
  const oldest = await index.blocks.after(core.first);
  const newest = await index.blocks.before(core.head);
  return {
    blocks,
    events,
    bytes,
    diskBytes: await diskBytes(dir),
    topics: index.topics.count,
    ...(oldest !== undefined && { firstRecordedAt: oldest.recordedAt }),
    ...(newest !== undefined && { lastRecordedAt: newest.recordedAt }),
  };
}

/** What the files take; LevelDB may delete one between the listing and the look. */
async function diskBytes(dir: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(dir, { recursive: true })) {
    const found = await stat(join(dir, name)).catch(() => undefined);
    if (found?.isFile()) bytes += found.blocks === 0 ? found.size : found.blocks * 512;
  }
  return bytes;
}
