import type { Envelope } from "../../schemas/envelope.js";
import { FedbusError } from "../../schemas/errors.js";
import { isReserved } from "../../schemas/topic.js";
import type { Block } from "../block/block.js";
import type { EventSource } from "../log/event-source.js";
import { answerBytesMax, answerEventsMax, delayMsMax, searchBytesMax } from "./limits.js";
import type { ReplayQuery } from "./replay-query.js";

/** An event that fits a query, as it was published. */
export interface Found {
  readonly offset: number;
  readonly envelope: Envelope;
  readonly bytes: Buffer;
  /** Whether it was asked for by its offset. */
  readonly byOffset: boolean;
}

/**
 * The events of the log that fit a query, in the log's order, each once; the bus's own are left out. Rejects with
 * INPUT_INVALID if they are more than one answer may hold, and as reading does.
 */
export async function searchLog(log: EventSource, query: ReplayQuery): Promise<Found[]> {
  const search = new Search(log);
  const { first, head } = await log.info();
  for (const [from, to] of query.ranges)
    await search.range(Math.max(first, Math.ceil(from)), Math.min(head, Math.floor(to) + 1), {
      wanted: () => true,
      byOffset: true,
    });
  if (query.time !== undefined) await search.byTime(query.time, head);
  if (query.ids.size > 0) await search.byId(query.ids, { first, head });
  return search.found();
}

interface Wanted {
  readonly wanted: (event: Envelope, block: Block) => boolean;
  readonly byOffset: boolean;
}

class Search {
  readonly #log: EventSource;
  readonly #found = new Map<number, Found>();
  #bytes = 0;
  #searched = 0;

  constructor(log: EventSource) {
    this.#log = log;
  }

  found(): Found[] {
    return [...this.#found.values()].sort((a, b) => a.offset - b.offset);
  }

  /** `from` included, `to` not. */
  async range(from: number, to: number, how: Wanted): Promise<void> {
    for (let at = from; at < to; ) {
      const page = await this.#log.read({ from: at, to });
      for (const block of page.blocks) {
        this.#searched += block.bytes.length;
        if (this.#searched > searchBytesMax)
          throw tooMuch(`more than ${searchBytesMax} bytes of the log to look through`);
        this.#take(block, how);
      }
      if (page.done) return;
      at = page.next;
    }
  }

  /** By the events' own times. Where they are recorded tells where to look: soon after. */
  async byTime([from, to]: readonly [number, number], head: number): Promise<void> {
    const start = await this.#log.offsetAtTime(Math.max(0, Math.floor(from * 1000)));
    const end = await this.#log.offsetAtTime(Math.max(0, Math.ceil(to * 1000) + 1 + delayMsMax));
    const wanted = ({ timestamp }: Envelope, block: Block): boolean => {
      const time = timestamp ?? block.recordedAt / 1000;
      return time >= from && time <= to;
    };
    await this.range(start, Math.min(end, head), { wanted, byOffset: false });
  }

  /** Newest first: what is asked for was mostly missed just now. */
  async byId(ids: ReadonlySet<string>, span: { first: number; head: number }): Promise<void> {
    const left = new Set(ids);
    const needles = [...ids].map((id) => Buffer.from(JSON.stringify(id).slice(1, -1)));
    const wanted = ({ msg_id: id }: Envelope): boolean => id !== undefined && left.delete(id);
    for (
      let to = span.head;
      to > span.first && left.size > 0 && this.#searched < searchBytesMax;
    ) {
      const page = await this.#log.read({ from: span.first, to, order: "desc" });
      for (const block of page.blocks) {
        this.#searched += block.bytes.length;
        // Looking for the bytes is a hundred times faster than parsing; for many ids it is not.
        if (needles.length > 50 || needles.some((needle) => block.payload.includes(needle)))
          this.#take(block, { wanted, byOffset: false });
      }
      if (page.done) return;
      to = page.next;
    }
  }

  #take(block: Block, { wanted, byOffset }: Wanted): void {
    for (const [index, envelope] of (block.parse() as Envelope[]).entries()) {
      const offset = block.offsetOf(index);
      if (this.#found.has(offset) || isReserved(envelope.topic) || !wanted(envelope, block))
        continue;
      const bytes = block.bytesOf(index);
      this.#bytes += bytes.length;
      this.#found.set(offset, { offset, envelope, bytes, byOffset });
      if (this.#found.size > answerEventsMax || this.#bytes > answerBytesMax)
        throw tooMuch(`more than ${answerEventsMax} events, or ${answerBytesMax} bytes`);
    }
  }
}

function tooMuch(what: string): FedbusError {
  return new FedbusError("INPUT_INVALID", `${what}: ask for less at a time`);
}
