import type { EventSource } from "../../bus/index.js";
import { givenEnd } from "./given-end.js";
import { wantedEnd } from "./wanted-end.js";

/** Where a log ends, and where the events end that a consumer will be given. */
export interface LogEnd {
  readonly head: number;
  readonly wantedEnd: number;
}

/** Who reads, and where it is. */
export interface Reader {
  readonly name: string;
  readonly topics: readonly string[];
  /** The next offset that it has not read. */
  readonly next: number;
}

/** The same by whatever a consumer does: running, resting, or run by nobody. */
export async function logEnd(source: EventSource, reader: Reader): Promise<LogEnd> {
  const { head } = await source.info();
  return { head, wantedEnd: await readersEnd(source, reader, head) };
}

/** The offset after the last event below `head` that the reader will be given. */
export async function readersEnd(
  source: EventSource,
  { name, topics, next: from }: Reader,
  head: number,
): Promise<number> {
  const to = await wantedEnd(source, topics, head);
  return await givenEnd(source, { name, topics }, { from, to });
}
