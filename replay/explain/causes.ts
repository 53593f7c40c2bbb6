import type { BusEvent, EventSource } from "../../bus/index.js";
import { correctsHeader, isOwnOutput } from "../../consumers/runner/own-output.js";
import { causeOf, type OutputCause } from "../outputs/output.js";
import type { Candidate } from "../whatif/options.js";
import { eventAt } from "./event-at.js";
import { type Inputs, inputsOf } from "./inputs.js";
import { type Retried, retriedBy } from "./retried.js";

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
  /** Of a retry of a dead letter: what it gives its consumer once more. */
  readonly retried?: ExplainedRetry;
}

export interface ExplainedRetry extends Pick<Retried, "consumer" | "deadLetter" | "isProven"> {
  /** Where it says that the event lies. */
  readonly offset: number;
  /** Absent if retention has removed it, and where something else lies there than the retry carries. */
  readonly event?: Explanation;
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
 * an output too, or a retry. Causes are believed of events that the consumer they name has published itself, as the
 * hub has noted. Undefined if the event is gone.
 */
export async function explain(
  source: EventSource,
  offset: number,
  options: ExplainOptions = {},
): Promise<Explanation | undefined> {
  const event = await eventAt(source, offset);
  return event === undefined ? undefined : await explained(source, event, options, depthMax);
}

async function explained(
  source: EventSource,
  event: BusEvent,
  options: ExplainOptions,
  depth: number,
): Promise<Explanation> {
  const { offset, topic, recordedAt, msg, envelope } = event;
  const corrects = envelope.headers?.[correctsHeader];
  const cause = causeOf(envelope);
  // Anybody can write such a header: a cause lies before what it causes.
  const isPossible = cause !== undefined && cause.offset >= 0 && cause.offset < offset && depth > 0;
  const isProven = isPossible && isOwnOutput(event, cause.consumer);
  const retried = depth > 0 ? await retriedBy(source, event) : undefined;
  return {
    ...{ offset, topic, recordedAt, msg },
    ...(typeof corrects === "number" && { corrects }),
    ...(isProven && { cause: await explainedCause(source, cause, options, depth - 1) }),
    ...(isPossible && !isProven && { claim: cause }),
    ...(retried && { retried: await explainedRetry(source, retried, options, depth - 1) }),
  };
}

async function explainedRetry(
  source: EventSource,
  { event, ...retried }: Retried,
  options: ExplainOptions,
  depth: number,
): Promise<ExplainedRetry> {
  if (event === undefined || !retried.isProven) return retried;
  return { ...retried, event: await explained(source, event, options, depth) };
}

async function explainedCause(
  source: EventSource,
  cause: OutputCause,
  options: ExplainOptions,
  depth: number,
): Promise<ExplainedCause> {
  const event = await eventAt(source, cause.offset);
  const candidate = await options.candidateFor?.(cause.consumer);
  const { first: from } = await source.info();
  const { limit = 10, signal } = options;
  const inputs =
    candidate === undefined
      ? undefined
      : await inputsOf(source, candidate, cause, { from, limit, ...(signal && { signal }) });
  return {
    ...cause,
    ...(event !== undefined && { event: await explained(source, event, options, depth) }),
    ...(inputs !== undefined && { inputs }),
  };
}
