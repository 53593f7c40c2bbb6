// Publish in batches > check > fsync > acknowledge > fan out > parse: events a second end to end.
import { join } from "node:path";
import { CpuTable } from "./harness/cpu-table.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios, summarize } from "./harness/statistics.js";
import { startFedbus } from "./systems/fedbus.js";
import { startJetStream } from "./systems/jetstream.js";
import { startRedis } from "./systems/redis.js";
import { flow, type System } from "./systems/system.js";

const options = readOptions();
const report = new Report("pipeline", options);
const counts = options.quick ? { warmUps: 1, rounds: 2 } : { warmUps: 2, rounds: 5 };
/** The slower ones get less to do, so that each round takes about as long. */
const work = options.quick
  ? { fedbus: 300_000, peer: 50_000 }
  : { fedbus: 1_000_000, peer: 250_000 };

await withFolder(options, async (dir) => {
  await using fedbus = await startFedbus(join(dir, "fedbus"), options);
  await using redis = await startRedis(join(dir, "redis"));
  await using jetStream = await startJetStream(join(dir, "jetstream"));
  if (redis === undefined) report.note("redis-server is not installed: not compared");
  if (jetStream === undefined) report.note("nats-server is not installed: not compared");

  const cpu = new CpuTable();
  const contender = (system: System, count: number) => ({
    name: system.name,
    round: async () => {
      const { perSecond, cpuUs } = await flow(system, count);
      cpu.add(system.name, cpuUs);
      return perSecond;
    },
  });
  const peers = [redis, jetStream].filter((system) => system !== undefined);
  const measured = await interleave(
    [contender(fedbus, work.fedbus), ...peers.map((peer) => contender(peer, work.peer))],
    counts,
  );

  for (const [name, rates] of measured) report.series(name, "events/s", rates);
  report.note(`CPU, µs an event: ${cpu}`);
  const own = measured.get(fedbus.name)!;
  report.target("events/s", summarize(own).median, { atLeast: 400_000 });
  const wanted = new Map([
    ["Redis Streams", 4],
    ["JetStream", 2.5],
  ]);
  for (const { name } of peers) {
    const ratio = ratios(own, measured.get(name)!);
    report.ratio(`to ${name}`, ratio);
    report.target(`ratio to ${name}`, ratio.median, { atLeast: wanted.get(name)! });
  }
});
report.finish();
