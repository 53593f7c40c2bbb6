import { join } from "node:path";
import type { Test } from "tap";
import type { Bus } from "../../../bus/index.js";
import { type Consumer, ConsumerHome } from "../../../consumers/index.js";
import {
  storedPlace,
  type WhatIfOptions,
  type WhatIfReport,
  whatIf,
} from "../../../replay/index.js";
import { start } from "../../consumers/running.js";
import { scratch } from "../scratch.js";

/** Runs a consumer live until it has handled everything; what others are compared with then. */
export async function runLive(
  t: Test,
  bus: Bus,
  plugin: Consumer,
  options: { readonly dir?: string; readonly config?: unknown } = {},
) {
  const { dir = scratch(t) } = options;
  const running = start(bus, plugin, { ...options, dir });
  await running.caughtUp();
  await running.stop();
  const place = await storedPlace({ name: plugin.name, home: new ConsumerHome(dir) });
  return { name: plugin.name, place: place! };
}

/** What `plugin` would have published, against what was. */
export async function compared(
  t: Test,
  bus: Bus,
  plugin: Consumer,
  options: Partial<WhatIfOptions> = {},
): Promise<WhatIfReport> {
  const { source } = bus;
  const against = { name: plugin.name };
  return await whatIf({
    source,
    consumer: plugin,
    against,
    dir: join(scratch(t), "w"),
    ...options,
  });
}
