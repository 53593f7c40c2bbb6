import { mkdir, readdir } from "node:fs/promises";
import { FedbusError } from "../../../schemas/errors.js";
import type { Block } from "../../block/block.js";
import { type Clock, systemClock } from "../../kernel/clock.js";
import { silentLogger } from "../../kernel/logger.js";
import type { EventSource, SourceInfo } from "../event-source.js";
import { HeadWitness } from "./head-witness.js";
import { createLogFile, LogFile, type LogFileState } from "./log-file.js";
import { newLogState } from "./open-log.js";
import { isAlive } from "./owner.js";
import { Storage } from "./storage.js";
import type { Tail } from "./tail.js";

export interface CopyOptions {
  readonly onProgress?: (progress: { readonly offset: number; readonly head: number }) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface CopyResult {
  /** Offset that the copying started at: where an older backup ended, or the log's first. */
  readonly from: number;
  /** The copy's head now. */
  readonly head: number;
  readonly blocks: number;
  readonly bytes: number;
}

const pageBytes = 4 * 1024 * 1024;

/**
 * Backs a log up into `dir`, byte for byte, hashes included, from wherever the log is. If `dir` has
 * an older backup of the same log, only what is new is added.
 *
 * Rejects with LOG_EXISTS if `dir` has anything else, LOG_DIVERGED if the backup is not an earlier
 * state of this log, LOG_TRUNCATED if retention has removed what should come next, LOG_IN_USE, and
 * with the errors of `read`: a log with damaged blocks must be repaired before.
 */
export async function copyLog(
  source: EventSource,
  dir: string,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const info = await source.info();
  const state = await prepare(dir, info, options.clock ?? systemClock);
  const storage = await Storage.open(dir, state);
  const witness = HeadWitness.open(dir);
  try {
    const file = new LogFile(dir, state);
    await file.update({ creating: false });
    const tail = await storage.checkTail(file.state, witness.read());
    if (tail.lost.length > 0)
      throw new FedbusError("LOG_CORRUPT", "the backup in that directory is damaged", {
        details: { lost: tail.lost },
      });
    const result = await copyBlocks(source, info, storage, tail, options);
    const end = await storage.checkTail(file.state, undefined);
    witness.write(end);
    await storage.catchUp(file.state, end, silentLogger);
    await file.update({ epoch: Math.max(file.state.epoch, info.epoch) });
    return result;
  } finally {
    witness.close();
    await storage.close();
  }
}

/** The `log.json` to copy under: a new one, or that of an older backup. */
async function prepare(dir: string, info: SourceInfo, clock: Clock): Promise<LogFileState> {
  await mkdir(dir, { recursive: true });
  const found = await LogFile.read(dir);
  if (found === undefined) {
    if ((await readdir(dir)).length > 0)
      throw new FedbusError("LOG_EXISTS", `${dir} is not empty, and not a backup of this log`);
    const base = { first: info.first, hash: info.base ?? "00".repeat(32), epoch: 0 };
    const state = { ...newLogState(info.logId, clock()), epoch: info.epoch, base };
    await createLogFile(dir, state);
    return state;
  }
  if (found.logId !== info.logId)
    throw new FedbusError("LOG_EXISTS", `${dir} holds another log`, {
      details: { logId: found.logId },
    });
  if (found.owner !== undefined && (await isAlive(found.owner)))
    throw new FedbusError("LOG_IN_USE", `process ${found.owner.pid} has that log open`, {
      details: { pid: found.owner.pid },
    });
  return found;
}

async function copyBlocks(
  source: EventSource,
  info: SourceInfo,
  storage: Storage,
  tail: Tail,
  options: CopyOptions,
): Promise<CopyResult> {
  const from = tail.head;
  if (from > info.head) throw diverged(from);
  let { hash } = tail;
  let next = from;
  let blocks = 0;
  let bytes = 0;
  if (from === info.head && info.hash !== undefined && info.hash !== hash.toString("hex"))
    throw diverged(from);
  while (next < info.head) {
    options.signal?.throwIfAborted();
    const page = await source.read({ from: next, to: info.head, bytesMax: pageBytes });
    for (const block of page.blocks) {
      hash = joined(block, next, hash);
      next = block.nextOffset;
      bytes += block.bytes.length;
    }
    if (page.blocks.length === 0) throw diverged(next);
    await storage.blocks.commit(page.blocks);
    blocks += page.blocks.length;
    options.onProgress?.({ offset: next, head: info.head });
  }
  return { from, head: next, blocks, bytes };
}

/** The hash that the block after `block` must name. Throws LOG_DIVERGED if `block` does not fit. */
function joined(block: Block, next: number, hash: Buffer): Buffer {
  block.checkBody();
  const unknown = block.firstOffset !== 0 && hash.equals(Buffer.alloc(32));
  if (block.firstOffset !== next || (!unknown && !block.previous.equals(hash)))
    throw diverged(next);
  return block.chainHash;
}

function diverged(from: number): FedbusError {
  return new FedbusError("LOG_DIVERGED", "the backup is not an earlier state of this log", {
    details: { from },
  });
}
