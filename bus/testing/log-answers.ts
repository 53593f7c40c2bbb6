import { isFedbusError } from "../../schemas/errors.js";
import type { Block } from "../block/block.js";
import type { EventLog } from "../log/event-log.js";
import type { FollowedPage, ReadOptions } from "../log/event-source.js";

/** The code that it rejects with, or what else it rejects with; "resolved" if it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return isFedbusError(error) ? error.code : error;
  }
}

/** The details that it rejects with; "resolved" if it does not. */
export async function detailsOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return isFedbusError(error) ? error.details : error;
  }
}

/** The offsets of the blocks' events. */
export function offsetsOf(blocks: readonly Block[]): number[] {
  return blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, index) => block.offsetOf(index)),
  );
}

/** All pages of a read, put together. */
export async function readAll(log: EventLog, options: ReadOptions): Promise<number[]> {
  const offsets: number[] = [];
  let { from, to } = { from: options.from, to: options.to ?? log.head };
  for (;;) {
    const page = await log.read({ ...options, from, to });
    offsets.push(...offsetsOf(page.blocks));
    if (page.done) return offsets;
    if (options.order === "desc") to = page.next;
    else from = page.next;
  }
}

/** The next page of a follower that has not ended. */
export async function nextOf(pages: AsyncIterator<FollowedPage>): Promise<FollowedPage> {
  const step = await pages.next();
  if (step.done === true) throw new Error("the follower has ended");
  return step.value;
}
