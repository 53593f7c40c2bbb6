import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { Block } from "../../block/block.js";
import { isDamaged } from "../../storage/table-check.js";
import { entriesIn, wholeBlocks } from "../../storage/table-file.js";
import type { BlockStore } from "./block-store.js";
import { offsetOfKey } from "./keys.js";

/** Where LevelDB's repair puts what it cannot use, and this one what LevelDB's does not survive. */
const lostDir = "lost";
/** Blocks put back by one write. */
const blocksAtOnce = 64;

/** Moves damaged tables of the database in `dir` aside. Resolves with where they are now. */
export async function setTablesAside(dir: string): Promise<string[]> {
  const aside: string[] = [];
  for (const name of await readdir(dir)) {
    if (!/^\d+\.(?:ldb|sst)$/.test(name) || !isDamaged(join(dir, name))) continue;
    await mkdir(join(dir, lostDir), { recursive: true });
    const target = join(dir, lostDir, name);
    await rename(join(dir, name), target);
    aside.push(target);
  }
  return aside;
}

/** Puts what can still be read of a table back where `store` has nothing of its own, or nothing whole. */
export async function salvage(path: string, store: BlockStore): Promise<void> {
  let blocks: Block[] = [];
  for (const content of wholeBlocks(await readFile(path)))
    for (const [, bytes] of entriesIn(content)) {
      const block = decodeAnywhere(bytes);
      if (block === undefined) continue;
      const there = await store.raw(block.firstOffset);
      if (there !== undefined && decodeAnywhere(there) !== undefined) continue;
      if (blocks.push(block) < blocksAtOnce) continue;
      await store.commit(blocks);
      blocks = [];
    }
  if (blocks.length > 0) await store.commit(blocks);
}

/**
 * LevelDB's repair takes keys as they are, too. A block that is whole but under a wrong key goes to
 * where it says that it belongs. Resolves with the oldest block that can be read.
 */
export async function putRight(
  store: BlockStore,
  tell: (done: number) => void,
): Promise<Block | undefined> {
  let oldest: Block | undefined;
  let read = 0;
  for await (const [key, bytes] of store.entriesAscending(0)) {
    if (++read % toldBlocks === 0) tell(offsetOfKey(key));
    const block = decodeAnywhere(bytes);
    if (block === undefined) continue;
    if (block.firstOffset !== offsetOfKey(key)) await store.move(block, offsetOfKey(key));
    if (oldest === undefined || block.firstOffset < oldest.firstOffset) oldest = block;
  }
  return oldest;
}

/** Between two calls that tell how far putting right is. */
const toldBlocks = 64;

function decodeAnywhere(bytes: Buffer): Block | undefined {
  try {
    const block = Block.decode(bytes);
    block.checkBody();
    return block;
  } catch {
    return undefined;
  }
}
