import t from "tap";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { silentLogger } from "../../../bus/kernel/logger.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { freeUrl } from "../ports.js";
import { until } from "../turns.js";

t.test("hub: one whose read loop fails says so and closes", async (t) => {
  const told: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: unknown) => told.push(fields) };
  const hub = await Hub.open(new MemoryLog(), { listen: "tcp://127.0.0.1:0", logger });
  const error = new Error("boom");
  hub.broker.room = () => Promise.reject(error);
  const bus = await connect(hub.url);
  await until(() => told.length > 0);
  t.same(told, [{ error }]);
  await t.rejects(connect(hub.url, { timeoutMs: 300 }), { code: "HUB_UNREACHABLE" });
  await bus.close();
  await hub.close();
});

t.test("hub: one that cannot write its file leaves nothing behind", async (t) => {
  const listen = await freeUrl();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const dir = `${t.testdir()}/none`;
  await t.rejects(Hub.open(new MemoryLog(), { listen, dir }), { code: "ENOENT" });
  t.equal(timers(), before);
  const hub = await Hub.open(new MemoryLog(), { listen });
  await hub.close();
});
