import type { Test } from "tap";
import { type Bus, connect, Hub, LevelLog } from "../../bus/index.js";

/** A hub over a log on disk, and a client of it: other processes can connect too. */
export interface StoredBus {
  readonly bus: Bus;
  readonly url: string;
}

/** Opens the log in `dir`; everything ends with the test. */
export async function storedBus(t: Test, dir: string): Promise<StoredBus> {
  const log = await LevelLog.open(dir);
  const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
  const bus = await connect(hub.url);
  t.teardown(async () => {
    await bus.close();
    await hub.close();
    await log.close();
  });
  return { bus, url: hub.url };
}
