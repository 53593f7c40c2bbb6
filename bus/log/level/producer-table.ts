import type { Block } from "../../block/block.js";
import type { Cursor, Database, Operation } from "../../storage/database.js";
import { answersMax, type BatchAnswer, type ProducerState } from "../event-log.js";
import { advance, answerOf } from "../producers.js";
import { checkSums, type ProducerSums } from "./index-meta.js";
import { IndexDamaged, sealJson, unsealJson } from "./index-values.js";
import { answerKey, producerKey, producerOfKey } from "./keys.js";

/** Producers whose state is kept in memory; the least recently used goes first. */
const producersCachedMax = 2_000;

const endOfProducers = Buffer.from("q");
const epochsModulus = 2 ** 52;

/** A producer as it is stored: its answers lie beside it. */
interface Stored {
  readonly epoch: number;
  readonly nextSeq: number;
  readonly answers: number;
  /** Sequence of the oldest answer. */
  readonly oldest?: number;
}

/**
 * What the log remembers of producers, by id. The blocks hold the same; this is to find it fast. An
 * entry that is missing would have a batch stored twice: so sums over all entries must come out right.
 */
export class ProducerTable {
  readonly #database: Database;
  readonly #cache = new Map<string, ProducerState>();
  #sums: ProducerSums = { producers: 0, sequences: 0, epochs: 0 };
  /** Until all entries have been looked at. */
  #checking: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  get sums(): ProducerSums {
    return this.#sums;
  }

  /** Begins to look whether all entries are there. Nothing is answered before that is known. */
  check(expected: ProducerSums): void {
    this.#sums = expected;
    const all = this.#database.iterator({ gte: producerKey(""), lt: endOfProducers });
    this.#checking = sumOf(all).then((found) => {
      checkSums(found, expected, "producers");
      this.#checking = undefined;
    });
    this.#checking.catch(() => {});
  }

  /** The same as `get`, for who looks at many that nobody else wants. */
  async peek(id: string): Promise<ProducerState | undefined> {
    if (this.#checking !== undefined) await this.#checking;
    return this.#cache.get(id) ?? (await this.#load(id));
  }

  async get(id: string): Promise<ProducerState | undefined> {
    const state = await this.peek(id);
    // A newer one may have come while this one was being read.
    const known = this.#cache.get(id) ?? state;
    if (known !== undefined) this.#keep(known);
    return known;
  }

  /** Resolves with the writes that take in the batches that `block` was made of. */
  async add(block: Block): Promise<Operation[]> {
    const operations: Operation[] = [];
    for (const run of block.producers) {
      const old = await this.get(run.id);
      const state = advance(old, run, block);
      this.#replace(old, state);
      operations.push(putProducer(state), putAnswer(run.id, answerOf(run, block.firstOffset)));
      const oldest = old?.answers[0];
      if (oldest !== undefined && old?.answers.length === answersMax)
        operations.push({ type: "del", key: answerKey(run.id, oldest.seq) });
    }
    return operations;
  }

  /** The writes that store `state` without its answers, which are there already. */
  put(state: ProducerState, old: ProducerState | undefined): Operation[] {
    this.#replace(old, state);
    return [putProducer(state)];
  }

  /** Ids that begin with `prefix` and sort after `after`, at most `limit`. */
  async ids(prefix: string, after: string, limit: number): Promise<string[]> {
    const cursor = this.#database.iterator({
      gt: producerKey(after < prefix ? prefix : after),
      lt: producerKey(`${prefix}\u{10ffff}`),
    });
    try {
      return (await cursor.nextv(limit)).map(([key]) => producerOfKey(key));
    } finally {
      await cursor.close();
    }
  }

  /** The writes that forget the producer and its answers. */
  remove(state: ProducerState): Operation[] {
    const { id, answers } = state;
    this.#cache.delete(id);
    this.#sums = plus(this.#sums, state, -1);
    const keys = [producerKey(id), ...answers.map(({ seq }) => answerKey(id, seq))];
    return keys.map((key) => ({ type: "del", key }));
  }

  #replace(old: ProducerState | undefined, state: ProducerState): void {
    if (old !== undefined) this.#sums = plus(this.#sums, old, -1);
    this.#sums = plus(this.#sums, state, 1);
    this.#keep(state);
  }

  #keep(state: ProducerState): void {
    this.#cache.delete(state.id);
    this.#cache.set(state.id, state);
    if (this.#cache.size <= producersCachedMax) return;
    for (const oldest of this.#cache.keys()) {
      this.#cache.delete(oldest);
      return;
    }
  }

  async #load(id: string): Promise<ProducerState | undefined> {
    const key = producerKey(id);
    const value = await this.#database.get(key);
    if (value === undefined) return undefined;
    const stored = unsealJson(key, value) as Stored;
    const answers = await this.#loadAnswers(id);
    if (answers.length !== stored.answers || answers[0]?.seq !== stored.oldest)
      throw new IndexDamaged("a producer's answers are missing");
    return { id, epoch: stored.epoch, nextSeq: stored.nextSeq, answers };
  }

  async #loadAnswers(id: string): Promise<BatchAnswer[]> {
    const cursor = this.#database.iterator({
      gte: answerKey(id, 0),
      lte: answerKey(id, Number.MAX_SAFE_INTEGER),
      highWaterMarkBytes: 1024 * 1024,
    });
    try {
      const answers: BatchAnswer[] = [];
      for (;;) {
        const entries = await cursor.nextv(answersMax + 1);
        if (entries.length === 0) return answers.slice(-answersMax);
        for (const [key, value] of entries) answers.push(unsealJson(key, value) as BatchAnswer);
      }
    } finally {
      await cursor.close();
    }
  }
}

function putProducer({ id, epoch, nextSeq, answers }: ProducerState): Operation {
  const key = producerKey(id);
  const oldest = answers[0]?.seq;
  const stored: Stored = {
    epoch,
    nextSeq,
    answers: answers.length,
    ...(oldest !== undefined && { oldest }),
  };
  return { type: "put", key, value: sealJson(key, stored) };
}

async function sumOf(all: Cursor): Promise<ProducerSums> {
  let sums: ProducerSums = { producers: 0, sequences: 0, epochs: 0 };
  try {
    for (;;) {
      const entries = await all.nextv(1024);
      if (entries.length === 0) return sums;
      for (const [key, value] of entries) sums = plus(sums, unsealJson(key, value) as Stored, 1);
    }
  } finally {
    await all.close();
  }
}

function plus(
  { producers, sequences, epochs }: ProducerSums,
  { nextSeq, epoch }: Pick<ProducerState, "nextSeq" | "epoch">,
  sign: 1 | -1,
): ProducerSums {
  return {
    producers: producers + sign,
    sequences: sequences + sign * nextSeq,
    epochs: (epochs + sign * epoch + epochsModulus) % epochsModulus,
  };
}

function putAnswer(id: string, answer: BatchAnswer): Operation {
  const key = answerKey(id, answer.seq);
  return { type: "put", key, value: sealJson(key, answer) };
}
