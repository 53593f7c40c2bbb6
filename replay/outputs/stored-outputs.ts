import { Block } from "../../bus/index.js";
import { outboxBatches, type StateStore } from "../../consumers/index.js";
import type { Envelope } from "../../schemas/index.js";
import { causeOf, type Output } from "./output.js";

/** The outputs that lie in a store's outbox, in order of their causes. */
export async function* storedOutputs(store: StateStore): AsyncGenerator<Output> {
  for await (const { block } of outboxBatches(store))
    for (const envelope of Block.decode(block).parse() as Envelope[]) {
      const cause = causeOf(envelope);
      if (cause !== undefined) yield { cause, envelope };
    }
}
