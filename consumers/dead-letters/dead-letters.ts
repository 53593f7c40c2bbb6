import { randomUUID } from "node:crypto";
import type { Bus, BusEvent } from "../../bus/index.js";
import { type Envelope, FedbusError } from "../../schemas/index.js";
import { retryingProducerOf } from "../home/producer-name.js";
import { deadLetterTopic } from "../runner/dead-letter.js";
import { isOwnOutput } from "../runner/own-output.js";
import { type Redelivery, retryTopic } from "../runner/redelivery.js";

/** An event that a consumer could not handle, or an output of its that the hub refused. */
export interface DeadLetter {
  /** Of the dead letter itself: its name in every command. */
  readonly offset: number;
  readonly recordedAt: number;
  readonly consumer: string;
  readonly kind: "event" | "timer" | "output";
  /** Of the event that could not be handled. */
  readonly event?: { readonly offset: number; readonly topic: string; readonly recordedAt: number };
  /** Of the output that was refused. */
  readonly topic?: string;
  readonly timer?: { readonly clock: string; readonly at: number; readonly key: string };
  readonly attempts?: number;
  readonly error: {
    readonly name?: string;
    readonly code?: string;
    readonly message: string;
    readonly stack?: string;
  };
  /** The whole envelope, unless it was too large. */
  readonly original?: Envelope;
}

/** Says of dead letters that they are dealt with: `{ consumer, deadLetter, how }`. */
export const closedTopic = "consumers.dead-letter-closed";

/**
 * The dead letters that are in a log by now and that nobody has dealt with, oldest first: of one consumer
 * or of all. A retry, and an event on `consumers.dead-letter-closed`, deals with the one that it names.
 * Letters are not gathered; in memory is an offset of each that was dealt with.
 */
export async function* openDeadLetters(bus: Bus, consumer?: string): AsyncGenerator<DeadLetter> {
  const { head: to } = await bus.source.info();
  const closed = await closedLetters(bus);
  for await (const event of bus.query({ patterns: deadLetterTopic(consumer ?? "*"), to }))
    if (!closed.delete(event.offset)) yield letterIn(event);
}

/** The dead letter at `offset`. Rejects with DEAD_LETTER_UNKNOWN. */
export async function deadLetterAt(bus: Bus, offset: number): Promise<DeadLetter> {
  const patterns = deadLetterTopic("*");
  for await (const event of bus.query({ patterns, from: offset, to: offset + 1 }))
    return letterIn(event);
  throw new FedbusError("DEAD_LETTER_UNKNOWN", `there is no dead letter at offset ${offset}`, {
    details: { offset, remedy: "`fedbus dlq list` has the offsets" },
  });
}

/**
 * Gives what failed another chance: an event is delivered once more, to its consumer and to no other;
 * an output is published as it was. Resolves with the offset of what was published. Rejects with
 * DEAD_LETTER_FINAL for a timer, which cannot come again, and for an original that is not there.
 */
export async function retryDeadLetter(bus: Bus, letter: DeadLetter): Promise<number> {
  const original = letter.original ?? (await storedOriginal(bus, letter));
  const isLost = letter.kind === "event" && letter.event === undefined;
  if (letter.kind === "timer" || isLost || original === undefined)
    throw new FedbusError("DEAD_LETTER_FINAL", `dead letter ${letter.offset} cannot be retried`, {
      details: {
        offset: letter.offset,
        kind: letter.kind,
        remedy: "drop it with `fedbus dlq drop`",
      },
    });
  const { consumer, offset: deadLetter } = letter;
  // What the consumer has written itself stays its own; what only lies on its topic does not become so.
  const isOutput = letter.kind === "output" && (await isWrittenBy(bus, consumer, deadLetter));
  await using publisher = bus.publisher(
    isOutput ? { producer: retryingProducerOf(consumer, randomUUID()) } : {},
  );
  if (letter.kind === "event") {
    const retry: Redelivery = { consumer, deadLetter, event: letter.event!.offset, original };
    return await publisher.publish(retryTopic, retry);
  }
  const [outcome] = await publisher.publishEnvelopes([JSON.stringify(original)]);
  if (outcome !== undefined && "error" in outcome) throw FedbusError.fromJSON(outcome.error);
  await publisher.publish(closedTopic, { consumer, deadLetter, how: "published" });
  return outcome?.offset ?? -1;
}

/** Notes that nothing is to become of it. Resolves with the note's offset. */
export async function dropDeadLetter(bus: Bus, letter: DeadLetter): Promise<number> {
  const { consumer, offset: deadLetter } = letter;
  await using publisher = bus.publisher();
  return await publisher.publish(closedTopic, { consumer, deadLetter, how: "dropped" });
}

/** What became of a dead letter that somebody has dealt with. */
export type LetterEnd = "retried" | "dropped";

/** The dead letters of a log that are dealt with, by their offsets. */
export async function closedLetters(bus: Bus): Promise<Map<number, LetterEnd>> {
  const closed = new Map<number, LetterEnd>();
  for await (const { msg } of bus.query({ patterns: [retryTopic, closedTopic] })) {
    const { deadLetter, how } = (typeof msg === "object" && msg !== null ? msg : {}) as {
      readonly deadLetter?: unknown;
      readonly how?: unknown;
    };
    if (typeof deadLetter === "number" && !closed.has(deadLetter))
      closed.set(deadLetter, how === "dropped" ? "dropped" : "retried");
  }
  return closed;
}

/** Whether the consumer itself published the event at `offset`. */
async function isWrittenBy(bus: Bus, consumer: string, offset: number): Promise<boolean> {
  for await (const event of bus.query({ from: offset, to: offset + 1 }))
    return isOwnOutput(event, consumer);
  return false;
}

/** A large original is not in its dead letter, but still where it was. */
async function storedOriginal(bus: Bus, { event }: DeadLetter): Promise<Envelope | undefined> {
  if (event === undefined) return undefined;
  for await (const { envelope, topic } of bus.query({ from: event.offset, to: event.offset + 1 }))
    if (topic === event.topic) return envelope;
  return undefined;
}

function letterIn({ offset, recordedAt, topic, msg }: BusEvent): DeadLetter {
  const body = (typeof msg === "object" && msg !== null ? msg : {}) as Partial<DeadLetter>;
  const { error = { message: "it does not say why" }, kind = "event" } = body;
  // Anybody can publish there: whose it is, its topic says.
  return { ...body, error, kind, offset, recordedAt, consumer: topic.split(".")[1] ?? "" };
}
