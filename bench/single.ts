// One publish() call for each event, each answered on its own; batches beside it as the limit.
import { join } from "node:path";
import { CpuTable } from "./harness/cpu-table.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios } from "./harness/statistics.js";
import { startFedbus } from "./systems/fedbus.js";
import { flow } from "./systems/system.js";

const options = readOptions();
const report = new Report("single", options);
const counts = options.quick ? { warmUps: 1, rounds: 2 } : { warmUps: 2, rounds: 7 };
const count = options.quick ? 150_000 : 500_000;

await withFolder(options, async (dir) => {
  await using fedbus = await startFedbus(join(dir, "fedbus"), options);
  const { publisher } = fedbus;
  const cpu = new CpuTable();
  const contender = (name: string, call: "singly" | "batches") => ({
    name,
    round: async () => {
      const { perSecond, cpuUs } = await flow(fedbus, count, () => publisher.call(call, { count }));
      cpu.add(name, cpuUs);
      return perSecond;
    },
  });
  const measured = await interleave(
    [contender("publish", "singly"), contender("publishMany", "batches")],
    counts,
  );
  const singly = measured.get("publish")!;
  const batches = measured.get("publishMany")!;
  const { median } = report.series("publish, one call an event", "events/s", singly);
  report.series("publishMany, 1,000 a call", "events/s", batches);
  report.note(`CPU, µs an event: ${cpu}`);
  report.ratio("to publishMany", ratios(singly, batches));
  report.target("events/s", median, { atLeast: 150_000 });
});
report.finish();
