import type { Bus } from "../../bus/index.js";
import { connect, type Logger } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/errors.js";
import { connectTo } from "../bus-for.js";
import { withoutFallback } from "../config.js";
import type { Context } from "../context.js";
import { findHub } from "../hub/find-hub.js";
import type { HubPlan } from "../hub/options.js";
import { RunningHub } from "../hub/running-hub.js";

const anyPort = "tcp://127.0.0.1:0";

/** A hub that consumers can reach, and a connection to it. */
export interface ReachedHub extends AsyncDisposable {
  readonly bus: Bus;
  readonly url: string;
  /** Whether it runs in this process. */
  readonly isOwn: boolean;
}

/**
 * The hub that is found at `where`; else one of our own over the directory. One that is there only for a while
 * need not be found by others: where somebody listens at the default address, it takes another.
 */
export async function reachHub(
  plan: HubPlan,
  { where }: Context,
  { logger, isBrief }: { readonly logger: Logger; readonly isBrief: boolean },
): Promise<ReachedHub> {
  // Who says where a hub is to listen wants one of their own.
  const isPlaced = Object.keys(plan.addresses).length > 0;
  const url = await findHub(isPlaced ? withoutFallback(where) : where);
  if (url !== undefined) {
    const bus = await connectTo(url, logger);
    return { bus, url, isOwn: false, [Symbol.asyncDispose]: () => bus.close() };
  }
  const quiet = { ...logger, info: () => {} };
  const hub = await RunningHub.open(plan, quiet).catch((error) => {
    if (isPlaced || !isBrief || !isFedbusError(error, "ADDRESS_IN_USE")) throw error;
    // Whose log it is, the log's own lock decides.
    return RunningHub.open({ ...plan, addresses: { listen: anyPort } }, quiet);
  });
  const bus = await connect(hub.url, { logger });
  return {
    bus,
    url: hub.url,
    isOwn: true,
    [Symbol.asyncDispose]: async () => {
      await bus.close();
      await hub[Symbol.asyncDispose]();
    },
  };
}
