import { Block } from "../../bus/index.js";
import { outboxBatches, type StateStore } from "../../consumers/index.js";
import type { Envelope } from "../../schemas/index.js";
import { causeOf, type Output } from "./output.js";

/** An output in a store's outbox. */
export type StoredOutput = Output & { readonly seq: number };

/** The outputs that lie in a store's outbox, in order of their causes. */
export async function* storedOutputs(store: StateStore): AsyncGenerator<StoredOutput> {
  for await (const { seq, block } of outboxBatches(store))
    for (const [index, envelope] of (Block.decode(block).parse() as Envelope[]).entries()) {
      const cause = causeOf(envelope);
      if (cause !== undefined) yield { cause, envelope, seq: seq + index };
    }
}
