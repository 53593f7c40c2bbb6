import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError, isFedbusError } from "../../../schemas/errors.js";
import { copyBlobs } from "../../blobs/copy-blobs.js";
import type { BlobsReport } from "../../blobs/verify-blobs.js";
import type { Block } from "../../block/block.js";
import { type Clock, systemClock } from "../../kernel/clock.js";
import { silentLogger } from "../../kernel/logger.js";
import { isAlive } from "../../storage/owner.js";
import type { EventSource, Page, SourceInfo } from "../event-source.js";
import { type OffsetRange, splitRange } from "../offset-ranges.js";
import { HeadWitness } from "./head-witness.js";
import { createLogFile, LogFile, type LogFileState } from "./log-file.js";
import { blobsFolder, newLogState } from "./open-log.js";
import { Storage } from "./storage.js";
import type { Tail } from "./tail.js";

export interface CopyOptions {
  readonly onProgress?: (progress: { readonly offset: number; readonly head: number }) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** What copying asks of a log, wherever it is. */
type CopySource = Pick<EventSource, "info" | "read" | "blobs">;

export interface CopyResult {
  /** Offset that the copying started at: where an older backup ended, or the log's first. */
  readonly from: number;
  /** The copy's head now. */
  readonly head: number;
  readonly blocks: number;
  readonly bytes: number;
  /** What was copied of blobs; `damaged` ones are damaged at the source, and not in the copy. */
  readonly blobs: BlobsReport;
}

const pageBytes = 4 * 1024 * 1024;

/**
 * Backs a log up into `dir`, byte for byte, hashes and blobs included, from wherever the log is. If `dir` has
 * an older backup of the same log, only what is new is added.
 *
 * Rejects with LOG_EXISTS if `dir` has anything else, LOG_DIVERGED if the backup is not an earlier
 * state of this log, LOG_TRUNCATED if retention has removed what should come next, LOG_IN_USE, and
 * with the errors of `read`: a log with damaged blocks must be repaired before. What the repair
 * gave up as lost is a hole in the copy too.
 */
export async function copyLog(
  source: CopySource,
  dir: string,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const info = await source.info();
  const state = await prepare(dir, info, options.clock ?? systemClock);
  const storage = await Storage.open(dir, state, silentLogger);
  const witness = HeadWitness.open(dir);
  try {
    const file = new LogFile(dir, state);
    await file.update({ creating: false });
    const tail = await storage.checkTail(file.state, witness.read());
    if (tail.lost.length > 0)
      throw new FedbusError("LOG_CORRUPT", "the backup in that directory is damaged", {
        details: { lost: tail.lost },
      });
    // Before the events that name them. What was put before the head was looked at is among them.
    const blobs = await copyBlobs(source.blobs, join(dir, blobsFolder), options);
    const result = await copyBlocks(source, info, { file, storage }, { ...options, tail });
    const end = await storage.checkTail(file.state, undefined);
    witness.write(end);
    await storage.catchUp(file.state, end, silentLogger);
    await file.update({ epoch: Math.max(file.state.epoch, info.epoch) });
    return { ...result, blobs };
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

/** Copies what comes after `tail`, page by page. What the source has lost stays a hole here too. */
async function copyBlocks(
  source: CopySource,
  info: SourceInfo,
  { file, storage }: { readonly file: LogFile; readonly storage: Storage },
  { tail, ...options }: CopyOptions & { readonly tail: Tail },
): Promise<Omit<CopyResult, "blobs">> {
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
    const piece = await readPiece(source, next, info);
    for (const block of piece.blocks) {
      hash = joined(block, next, nearLost(info, next) ? unknownHash : hash);
      next = block.nextOffset;
      bytes += block.bytes.length;
    }
    // Before the blocks: a hole that nobody knows of would be taken for damage.
    await noteLost(file, info, { from: piece.from, to: piece.next });
    if (piece.blocks.length > 0) await storage.blocks.commit(piece.blocks);
    next = piece.next;
    blocks += piece.blocks.length;
    options.onProgress?.({ offset: next, head: info.head });
  }
  return { from, head: next, blocks, bytes };
}

interface Piece extends Pick<Page, "blocks" | "next"> {
  readonly from: number;
}

/** The next page, or a piece without blocks where the source is known to have lost them. */
async function readPiece(source: CopySource, from: number, info: SourceInfo): Promise<Piece> {
  try {
    const { blocks } = await source.read({ from, to: info.head, bytesMax: pageBytes });
    const last = blocks.at(-1);
    if (last === undefined) throw diverged(from);
    return { from, blocks, next: last.nextOffset };
  } catch (error) {
    const to = isFedbusError(error, "LOG_CORRUPT") ? Number(error.details.to) : Number.NaN;
    if (!(to > from) || splitRange({ from, to }, info.lost ?? []).outside.length > 0) throw error;
    return { from, blocks: [], next: to };
  }
}

/** Durably notes in the copy what the source has lost of `range`. */
async function noteLost(file: LogFile, info: SourceInfo, range: OffsetRange): Promise<void> {
  const { inside } = splitRange(range, info.lost ?? []);
  if (inside.length === 0) return;
  const lost = [...file.state.lost];
  for (const { from, to } of inside) {
    const touching = lost.at(-1)?.to === from ? lost.pop() : undefined;
    const hash = to === info.head && info.hash !== undefined ? { hash: info.hash } : {};
    lost.push({ from: touching?.from ?? from, to, ...hash });
  }
  await file.update({ lost });
}

/** Whether the block at `offset`, or the one before it, is among what was lost. */
function nearLost({ lost = [] }: SourceInfo, offset: number): boolean {
  return lost.some(({ from, to }) => from <= offset && offset <= to);
}

/** The hash that the block after `block` must name. Throws LOG_DIVERGED if `block` does not fit. */
function joined(block: Block, next: number, hash: Buffer): Buffer {
  block.checkBody();
  const unknown = block.firstOffset !== 0 && hash.equals(unknownHash);
  if (block.firstOffset !== next || (!unknown && !block.previous.equals(hash)))
    throw diverged(next);
  return block.chainHash;
}

const unknownHash = Buffer.alloc(32);

function diverged(from: number): FedbusError {
  return new FedbusError("LOG_DIVERGED", "the backup is not an earlier state of this log", {
    details: { from },
  });
}
