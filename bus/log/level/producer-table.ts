import type { Block } from "../../block/block.js";
import type { Database, Operation } from "../../storage/database.js";
import { answersMax, type BatchAnswer, type ProducerState } from "../event-log.js";
import { advance, answerOf } from "../producers.js";
import { sealJson, unsealJson } from "./index-values.js";
import { answerKey, producerKey, producerOfKey } from "./keys.js";

/** Producers whose state is kept in memory; the least recently used goes first. */
const producersCachedMax = 2_000;

/** What the log remembers of producers, by id. The blocks hold the same; this is to find it fast. */
export class ProducerTable {
  readonly #database: Database;
  readonly #cache = new Map<string, ProducerState>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The same as `get`, for who looks at many that nobody else wants. */
  async peek(id: string): Promise<ProducerState | undefined> {
    return this.#cache.get(id) ?? (await this.#load(id));
  }

  async get(id: string): Promise<ProducerState | undefined> {
    const state = await this.peek(id);
    if (state !== undefined) this.#keep(state);
    return state;
  }

  /** Resolves with the writes that take in the batches that `block` was made of. */
  async add(block: Block): Promise<Operation[]> {
    const operations: Operation[] = [];
    for (const run of block.producers) {
      const old = await this.get(run.id);
      const state = advance(old, run, block);
      this.#keep(state);
      operations.push(putProducer(state), putAnswer(run.id, answerOf(run, block.firstOffset)));
      const oldest = old?.answers[0];
      if (oldest !== undefined && old?.answers.length === answersMax)
        operations.push({ type: "del", key: answerKey(run.id, oldest.seq) });
    }
    return operations;
  }

  /** The writes that store `state` without its answers, which are there already. */
  put(state: ProducerState): Operation[] {
    this.#keep(state);
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
  remove({ id, answers }: ProducerState): Operation[] {
    this.#cache.delete(id);
    const keys = [producerKey(id), ...answers.map(({ seq }) => answerKey(id, seq))];
    return keys.map((key) => ({ type: "del", key }));
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
    const { epoch, nextSeq } = unsealJson(key, value) as { epoch: number; nextSeq: number };
    return { id, epoch, nextSeq, answers: await this.#loadAnswers(id) };
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

function putProducer({ id, epoch, nextSeq }: ProducerState): Operation {
  const key = producerKey(id);
  return { type: "put", key, value: sealJson(key, { epoch, nextSeq }) };
}

function putAnswer(id: string, answer: BatchAnswer): Operation {
  const key = answerKey(id, answer.seq);
  return { type: "put", key, value: sealJson(key, answer) };
}
