import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { cli, startHub } from "./spawn-cli.js";

/** A plugin that tells of readings above a limit, and what else it does. */
export function alarmsPlugin(extra = "", version = "1"): string {
  return `import { consumer } from "fedbus/consumers";
export default consumer({
  name: "alarms",
  version: ${JSON.stringify(version)},
  topics: ["sensor.#"],
  config: { type: "object", properties: { limit: { type: "number", default: 50 } } },
  handle({ msg: { value } }, { config, emit, state }) {
    ${extra}
    state.put("last", value);
    if (value > config.limit) emit("alarm.raised", { value }, { key: "all" });
  },
});
`;
}

/** A hub with 300 readings, from 0 to 99 in turn, and the alarms that told of them. */
export async function ranAlarms(t: Test) {
  const root = t.testdir();
  const dir = join(root, "log");
  const hub = await startHub(dir);
  t.teardown(() => hub.child.kill("SIGKILL"));
  const plugin = join(root, "alarms.mjs");
  writeFileSync(plugin, alarmsPlugin());
  const input = Array.from({ length: 300 }, (_, index) => `{"value": ${index % 100}}\n`).join("");
  const published = await cli(["publish", "sensor.a", "--dir", dir], { input });
  t.equal(published.code, 0, published.err);
  const run = await cli(["run", plugin, "--once", "--dir", dir]);
  t.equal(run.code, 0, run.err);
  return { root, dir, plugin };
}
