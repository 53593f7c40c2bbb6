// A hub in a process of its own, over a log in a directory. With `keepAgeMs` it also keeps to that rule,
// looking much more often than a hub does.
import { Hub } from "../../bus/hub/hub.js";
import { LevelLog } from "../../bus/log/level/level-log.js";
import { RetentionKeeper } from "../../bus/log/retention-keeper.js";
import { childOptions, onParent, tellParent } from "./child.js";

interface Options {
  readonly dir: string;
  readonly url: string;
  readonly keepAgeMs?: number;
}

const { dir, url, keepAgeMs } = childOptions<Options>();
const log = await LevelLog.open(dir, { freeBytesMin: 0, ballastBytes: 0 });
const hub = await Hub.open(log, { listen: url, dir });
const rules = keepAgeMs === undefined ? [] : [{ ageMsMax: keepAgeMs }];
new RetentionKeeper(hub.broker, rules, { retentionIntervalMs: 20 });
onParent({
  now: () => ({ wall: Date.now(), monotonic: performance.now() }),
  rss: () => ({ bytes: process.memoryUsage().rss }),
  head: () => ({ head: log.head }),
  close: async () => {
    await hub.close();
    await log.close();
    return {};
  },
});
tellParent("ready");
