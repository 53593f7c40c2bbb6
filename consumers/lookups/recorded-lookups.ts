import { type Database, type EventSource, eventsOf, type Operation } from "../../bus/index.js";
import {
  type Answer,
  type Asking,
  lookupTopic,
  type RecordedAnswer,
  type RecordedAnswers,
} from "../plugin/recorded-answers.js";
import { openStateDatabase } from "../store/open-database.js";
import { seal, unseal } from "../store/values.js";

export interface RecordedLookupsOptions {
  /** The log that the consumer ran on. */
  readonly source: EventSource;
  /** The consumer's name. */
  readonly consumer: string;
  /** Where its answers are gathered; what is there already is gone on with. */
  readonly dir: string;
}

/** How far the log has been read. */
interface Place {
  readonly logId: string;
  readonly next: number;
}

const placeKey = Buffer.from([0]);
const none = Buffer.alloc(0);

/**
 * All answers that a consumer got from outside, out of the log. They lie in a database of their own, so what
 * they take of memory is its write buffer and cache, 24 MiB, however many there are. Its keys:
 *
 * ```
 * 00                                        how far the log has been read
 * 01 [lookup, key] 00 offset(8) timer       an answer; what it was asked for as JSON
 * ```
 */
export class RecordedLookups implements RecordedAnswers, AsyncDisposable {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Reads what the log holds up to its head of this moment. Rejects with STATE_IN_USE and STATE_CORRUPT. */
  static async open({ source, consumer, dir }: RecordedLookupsOptions): Promise<RecordedLookups> {
    const database = await openStateDatabase(dir, true);
    try {
      const { logId, first, head } = await source.info();
      const place = await placeIn(database);
      const goesOn = place !== undefined && place.logId === logId && place.next <= head;
      if (!goesOn) await database.clear({ gte: placeKey });
      let from = goesOn ? Math.max(first, place.next) : first;
      for (let done = from >= head; !done; ) {
        const page = await source.read({ from, to: head, patterns: [lookupTopic(consumer)] });
        const operations = page.blocks.flatMap((block) =>
          eventsOf(block).flatMap(({ msg }) => (isAnswer(msg) ? [operationOf(msg)] : [])),
        );
        const read = Buffer.from(JSON.stringify({ logId, next: page.next } satisfies Place));
        const progress = { type: "put", key: placeKey, value: read } as const;
        await database.batch([...operations, progress], { sync: false });
        from = page.next;
        done = page.done;
      }
      return new RecordedLookups(database);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  find(lookup: string, key: string, asking: Asking): Answer | Promise<Answer | undefined> {
    const exact = answerKey(lookup, key, asking);
    const bytes = this.#database.getSync(exact);
    return bytes === undefined ? this.#nearest(lookup, key, asking) : answerIn(exact, bytes);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The last one to an event up to this one, else the first one after it. */
  async #nearest(lookup: string, key: string, { offset }: Asking): Promise<Answer | undefined> {
    const prefix = prefixOf(lookup, key);
    const after = Buffer.concat([prefix, offsetBytes(offset + 1)]);
    const before = await this.#first({ gte: prefix, lt: after, reverse: true });
    if (before !== undefined) return before;
    const end = Buffer.concat([prefix.subarray(0, -1), Buffer.from([1])]);
    return await this.#first({ gte: after, lt: end, reverse: false });
  }

  async #first(range: { gte: Buffer; lt: Buffer; reverse: boolean }): Promise<Answer | undefined> {
    const cursor = this.#database.iterator({ ...range, limit: 1 });
    try {
      const [found] = await cursor.nextv(1);
      return found === undefined ? undefined : answerIn(...found);
    } finally {
      await cursor.close();
    }
  }
}

async function placeIn(database: Database): Promise<Place | undefined> {
  const bytes = await database.get(placeKey);
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString()) as Place);
}

/** Anybody can publish on the topic: what is no answer of a consumer's is passed over. */
function isAnswer(msg: unknown): msg is RecordedAnswer {
  const { lookup, key, offset, error } = (msg ?? {}) as Partial<RecordedAnswer>;
  return (
    typeof lookup === "string" &&
    typeof key === "string" &&
    Number.isSafeInteger(offset) &&
    (error === undefined || typeof error === "string")
  );
}

function operationOf({ lookup, key, offset, timer, value, error }: RecordedAnswer): Operation {
  const name = answerKey(lookup, key, { offset, ...(timer !== undefined && { timer }) });
  const answer: Answer = error === undefined ? { value } : { error };
  return { type: "put", key: name, value: seal(name, JSON.stringify(answer)) };
}

function answerIn(key: Buffer, bytes: Buffer): Answer {
  return JSON.parse(unseal(key, bytes)) as Answer;
}

/** JSON has no bytes 00 in it, so no prefix is another's beginning. */
function prefixOf(lookup: string, key: string): Buffer {
  return Buffer.from(`\u0001${JSON.stringify([lookup, key])}\u0000`);
}

function answerKey(lookup: string, key: string, { offset, timer }: Asking): Buffer {
  const { clock, at, group, key: name } = timer ?? {};
  const which = timer === undefined ? none : Buffer.from(JSON.stringify([clock, at, group, name]));
  return Buffer.concat([prefixOf(lookup, key), offsetBytes(offset), which]);
}

function offsetBytes(offset: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(Math.max(0, offset)));
  return bytes;
}
