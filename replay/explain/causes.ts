import type { EventSource } from "../../bus/index.js";
import { correctsHeader } from "../outputs/effective.js";
import { causeOf, type OutputCause } from "../outputs/output.js";
import { isBy } from "../outputs/producer-at.js";
import type { Candidate } from "../whatif/options.js";
import { type NotedEvent, notedAt } from "./event-at.js";
import { type Inputs, inputsOf } from "./inputs.js";

/** An event, and what caused it. */
export interface Explanation {
  readonly offset: number;
  readonly topic: string;
  /** Ms since 1970. */
  readonly recordedAt: number;
  readonly msg: unknown;
  /** The output that it takes the place of, since a promotion. */
  readonly corrects?: number;
  /** Absent for a source event. */
  readonly cause?: ExplainedCause;
  /** What it names as its cause, though the consumer that it names has not published it. Not followed. */
  readonly claim?: OutputCause;
}

export interface ExplainedCause extends OutputCause {
  /** Absent if retention has removed it. */
  readonly event?: Explanation;
  /** Absent if the consumer's plugin is not known. */
  readonly inputs?: Inputs;
}

export interface ExplainOptions {
  /** The plugin that runs, or ran, under a name. */
  readonly candidateFor?: (consumer: string) => Promise<Candidate | undefined>;
  /** Inputs of each cause that are listed. Default 10. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Consumers that fed each other, at most. */
const depthMax = 100;

/**
 * Follows an event back to its sources: from an output to the event that caused it, and on if that is
 * an output too. Causes are believed of events that the consumer they name has published itself, as the
 * hub has noted. Undefined if the event is gone.
 */
export async function explain(
  source: EventSource,
  offset: number,
  options: ExplainOptions = {},
): Promise<Explanation | undefined> {
  const noted = await notedAt(source, offset);
  return noted === undefined ? undefined : await explained(source, noted, options, depthMax);
}

async function explained(
  source: EventSource,
  { event, published }: NotedEvent,
  options: ExplainOptions,
  depth: number,
): Promise<Explanation> {
  const { offset, topic, recordedAt, msg, envelope } = event;
  const corrects = envelope.headers?.[correctsHeader];
  const cause = causeOf(envelope);
  // Anybody can write such a header: a cause lies before what it causes.
  const isPossible = cause !== undefined && cause.offset >= 0 && cause.offset < offset && depth > 0;
  // A log need not say who published.
  const isProven = isPossible && (published === undefined || isBy(published, cause.consumer));
  return {
    ...{ offset, topic, recordedAt, msg },
    ...(typeof corrects === "number" && { corrects }),
    ...(isProven && { cause: await explainedCause(source, cause, options, depth - 1) }),
    ...(isPossible && !isProven && { claim: cause }),
  };
}

async function explainedCause(
  source: EventSource,
  cause: OutputCause,
  options: ExplainOptions,
  depth: number,
): Promise<ExplainedCause> {
  const noted = await notedAt(source, cause.offset);
  const candidate = await options.candidateFor?.(cause.consumer);
  const { first: from } = await source.info();
  const { limit = 10, signal } = options;
  const inputs =
    candidate === undefined
      ? undefined
      : await inputsOf(source, candidate, cause, { from, limit, ...(signal && { signal }) });
  return {
    ...cause,
    ...(noted !== undefined && { event: await explained(source, noted, options, depth) }),
    ...(inputs !== undefined && { inputs }),
  };
}
