// A hub in a process of its own, over a log in a directory.
import { Hub } from "../../bus/hub/hub.js";
import { LevelLog } from "../../bus/log/level/level-log.js";
import { childOptions, onParent, tellParent } from "./child.js";

const { dir, url } = childOptions<{ dir: string; url: string }>();
const log = await LevelLog.open(dir, { freeBytesMin: 0, ballastBytes: 0 });
const hub = await Hub.open(log, { listen: url, dir });
onParent({
  rss: () => ({ bytes: process.memoryUsage().rss }),
  head: () => ({ head: log.head }),
  close: async () => {
    await hub.close();
    await log.close();
    return {};
  },
});
tellParent("ready");
