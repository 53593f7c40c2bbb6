import { currentOwner, type Owner } from "../../bus/storage/owner.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import { askSupervisor } from "../control/ask.js";
import type { NamedHome } from "./folder.js";
import { handedTo, type Ownership, ownerOf, takeOwnership } from "./ownership.js";

/**
 * Takes the consumer for this process, also from a supervisor whose consumer is paused: that takes it
 * back when it is released, or when this process has ended, and runs what is registered then. Rejects with
 * CONSUMER_IN_USE if another process keeps it.
 */
export async function borrowOwnership(consumer: NamedHome): Promise<Ownership> {
  if ((await ownerOf(consumer)) === undefined) return await takeOwnership(consumer);
  try {
    await askSupervisor(consumer.home.dir, "lend", await currentOwner());
    return handedTo(consumer);
  } catch (error) {
    // Nobody listens there: a command has it, for a moment.
    if (!isFedbusError(error, "CONSUMER_BUSY")) throw error;
    return await takeOwnership(consumer);
  }
}

/** The process that asks for the consumer. Throws PROTOCOL_INVALID. */
export function borrowerIn(params: unknown): Owner {
  const { pid, started } = (params ?? {}) as Partial<Owner>;
  if (Number.isSafeInteger(pid) && typeof started === "string") return { pid: pid!, started };
  throw new FedbusError("PROTOCOL_INVALID", "the request does not say who asks for the consumer");
}
