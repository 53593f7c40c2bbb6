import type { Bus } from "../../bus/index.js";
import { connect, type Logger, readHubFile } from "../../bus/index.js";
import { connectTo } from "../bus-for.js";
import type { Context } from "../context.js";
import type { HubPlan } from "../hub/options.js";
import { RunningHub } from "../hub/running-hub.js";

/** A hub that consumers can reach, and a connection to it. */
export interface ReachedHub extends AsyncDisposable {
  readonly bus: Bus;
  readonly url: string;
  /** Whether it runs in this process. */
  readonly isOwn: boolean;
}

/** The hub that is named or runs on the directory; else one of our own over the directory. */
export async function reachHub(
  plan: HubPlan,
  { where }: Context,
  logger: Logger,
): Promise<ReachedHub> {
  const url = where.hub ?? (await readHubFile(where.dir))?.url;
  if (url !== undefined) {
    const bus = await connectTo(url, logger);
    return { bus, url, isOwn: false, [Symbol.asyncDispose]: () => bus.close() };
  }
  const hub = await RunningHub.open(plan, { ...logger, info: () => {} });
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
