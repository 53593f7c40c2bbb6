import t from "tap";
import type { ConsumerStatus } from "../../../consumers/index.js";
import { Child } from "../../bus/child.js";
import { until } from "../../bus/turns.js";
import { counter, openWorkbench } from "./workbench.js";

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function pidOf(child: Child): Promise<number> {
  for (;;) {
    const { status } = await child.ask<{ status: ConsumerStatus }>("status");
    const { pid, progress } = status.partitions[0] ?? {};
    if (pid !== undefined && progress !== undefined) return pid;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const [what, before] of [
  ["waits for events", ""],
  ["is in a handler that does not come back", "for (;;) {}"],
])
  t.test(`orphans: a process that ${what} ends with its supervisor`, async (t) => {
    const bench = await openWorkbench(t);
    const path = bench.plugin("a.js", counter("a", before));
    const child = await Child.start("../consumers/supervisor/supervisor-child", {
      ...{ dir: bench.dir, url: bench.url, plugin: path },
    });
    const pid = await pidOf(child);
    if (before !== "") await bench.publish(1);
    t.equal(isRunning(pid), true);
    await child.kill();
    await until(() => !isRunning(pid));
    // Whoever comes next takes the consumer over.
    bench.plugin("a.js", counter("a"));
    const next = await bench.open(path);
    await bench.publish(5, "in.b", 1);
    await until(() => next.status.handled === (before === "" ? 5 : 6));
  });
