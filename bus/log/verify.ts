import { isFedbusError } from "../../schemas/errors.js";
import { type BlobsReport, verifyBlobs } from "../blobs/verify-blobs.js";
import type { Block } from "../block/block.js";
import type { EventSource, Page, SourceInfo } from "./event-source.js";
import { type OffsetRange, splitRange } from "./offset-ranges.js";

export interface VerifyOptions {
  /** Called after every page with the offset that has been reached. */
  readonly onProgress?: (progress: { readonly offset: number; readonly head: number }) => void;
  readonly signal?: AbortSignal;
}

/** Offsets that cannot be trusted: `unreadable` by damage or new loss, `chain` by a hash that differs. */
export interface DamagedRange {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export interface VerifyReport {
  readonly first: number;
  readonly head: number;
  /** Blocks that could be read. */
  readonly blocks: number;
  readonly events: number;
  readonly bytes: number;
  /** Blocks that retention has taken events out of: what was taken cannot be checked any more. */
  readonly trimmed: number;
  readonly damaged: readonly DamagedRange[];
  /** What cannot be read and is known to be lost: a person has accepted it. */
  readonly lost: readonly OffsetRange[];
  /** The first offset that cannot be trusted; undefined if all is well. */
  readonly firstBad?: number;
  readonly blobs: BlobsReport;
}

/**
 * Reads a whole log, from wherever it is, and checks that its blocks are whole, join up without a
 * gap, and name each other's hashes, from the log's base up to its head; then its blobs.
 *
 * This proves that nothing was changed since the log's head hash was last seen elsewhere. Against
 * somebody who rewrites the whole chain, compare that hash with one kept in another place. Rejects
 * with the errors of `read`, but for LOG_CORRUPT, and with the reason of `signal`.
 */
export async function verify(
  source: EventSource,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const info = await source.info();
  const check = new ChainCheck(info);
  let next = info.first;
  while (next < info.head) {
    options.signal?.throwIfAborted();
    try {
      const page = await readOn(source, next, info.head, options.signal);
      for (const block of page.blocks) check.add(block);
      next = page.next;
    } catch (error) {
      const damaged = rangeOf(error);
      if (damaged === undefined || damaged.to <= next) throw error;
      check.skip({ ...damaged, from: Math.max(next, damaged.from) });
      next = damaged.to;
    }
    options.onProgress?.({ offset: next, head: info.head });
  }
  const blobs = await verifyBlobs(source.blobs, options);
  return { ...check.report(), blobs };
}

function readOn(
  source: EventSource,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const wanted = { from, to, bytesMax: pageBytes };
  return source.read(signal === undefined ? wanted : { ...wanted, signal });
}

const pageBytes = 4 * 1024 * 1024;

function rangeOf(error: unknown): DamagedRange | undefined {
  if (!isFedbusError(error, "LOG_CORRUPT")) return undefined;
  const { from, to } = error.details;
  if (typeof from !== "number" || typeof to !== "number") return undefined;
  return { from, to, reason: "unreadable" };
}

class ChainCheck {
  readonly #info: SourceInfo;
  readonly #damaged: DamagedRange[] = [];
  readonly #lost: OffsetRange[] = [];
  /** The hash that the next block must name; undefined after a gap, where nobody knows. */
  #expected: string | undefined;
  #last: Block | undefined;
  #next: number;
  #blocks = 0;
  #events = 0;
  #bytes = 0;
  #trimmed = 0;

  constructor(info: SourceInfo) {
    this.#info = info;
    this.#next = info.first;
    this.#expected = info.first === 0 ? "00".repeat(32) : info.base;
  }

  add(block: Block): void {
    this.#checkBody(block);
    if (block.firstOffset !== this.#next)
      this.skip({ from: this.#next, to: block.firstOffset, reason: "unreadable" });
    // It is the block before that does not have the hash it should: named first, as the culprit.
    if (this.#expected !== undefined && block.previous.toString("hex") !== this.#expected)
      this.#lose({
        from: this.#last?.firstOffset ?? block.firstOffset,
        to: block.nextOffset,
        reason: "chain",
      });
    this.#expected = block.chainHash.toString("hex");
    this.#last = block;
    this.#next = block.nextOffset;
    this.#blocks++;
    this.#events += block.count;
    this.#bytes += block.bytes.length;
    if (block.trimmed) this.#trimmed++;
  }

  /** Goes on behind what cannot be read. */
  skip(range: DamagedRange): void {
    const { inside, outside } = splitRange(range, this.#info.lost ?? []);
    this.#lost.push(...inside);
    for (const part of outside) this.#lose({ ...range, ...part });
    this.#next = range.to;
    this.#expected = undefined;
    this.#last = undefined;
  }

  report(): Omit<VerifyReport, "blobs"> {
    const { first, head, hash } = this.#info;
    const reached = this.#last !== undefined && this.#next === head;
    if (reached && hash !== undefined && this.#expected !== hash)
      this.#lose({ from: this.#last!.firstOffset, to: head, reason: "chain" });
    const firstBad = Math.min(...this.#damaged.map(({ from }) => from));
    return {
      first,
      head,
      blocks: this.#blocks,
      events: this.#events,
      bytes: this.#bytes,
      trimmed: this.#trimmed,
      damaged: this.#damaged,
      lost: this.#lost,
      ...(this.#damaged.length > 0 && { firstBad }),
    };
  }

  /** The log checks when it reads, but the way here may be a long one. */
  #checkBody(block: Block): void {
    try {
      block.checkBody();
    } catch (error) {
      if (!isFedbusError(error)) throw error;
      this.#lose({ from: block.firstOffset, to: block.nextOffset, reason: "unreadable" });
    }
  }

  #lose(range: DamagedRange): void {
    const last = this.#damaged.at(-1);
    if (last !== undefined && last.reason === range.reason && last.to >= range.from)
      this.#damaged[this.#damaged.length - 1] = { ...last, to: Math.max(last.to, range.to) };
    else this.#damaged.push(range);
  }
}
