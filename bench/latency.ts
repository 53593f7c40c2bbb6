// 1,000 events a second, one by one: from publish to the handler in another process.
import { join } from "node:path";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { quantile, ratios, summarize } from "./harness/statistics.js";
import { startFedbus } from "./systems/fedbus.js";
import { startRedis } from "./systems/redis.js";

const options = readOptions();
const report = new Report("latency", options);
const counts = options.quick ? { warmUps: 1, rounds: 2 } : { warmUps: 2, rounds: 7 };
const perSecond = 1000;
const count = options.quick ? 2000 : 5000;

/** What fedbus and Redis have alike, as far as it is used here. */
interface PacedSystem {
  readonly publisher: {
    call(name: "paced", work: { perSecond: number; count: number }): Promise<void>;
  };
  readonly subscriber: {
    call(name: "noteAges"): Promise<void>;
    call(name: "expect", work: { count: number }): Promise<number>;
    call(name: "ages"): Promise<number[]>;
  };
  clear(): Promise<void>;
}

interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Milliseconds, of one round. */
async function measure(system: PacedSystem): Promise<Latency> {
  const { publisher, subscriber } = system;
  await subscriber.call("noteAges");
  const arrived = subscriber.call("expect", { count });
  await publisher.call("paced", { perSecond, count });
  await arrived;
  await system.clear();
  const sorted = Float64Array.from(await subscriber.call("ages")).sort();
  return { p50: quantile(sorted, 0.5) / 1000, p99: quantile(sorted, 0.99) / 1000 };
}

await withFolder(options, async (dir) => {
  await using fedbus = await startFedbus(join(dir, "fedbus"), { ...options, singly: true });
  await using redis = await startRedis(join(dir, "redis"));
  if (redis === undefined) report.note("redis-server is not installed: not compared");
  const own: Latency[] = [];
  const other: Latency[] = [];
  for (let round = -counts.warmUps; round < counts.rounds; round++) {
    const ours = await measure(fedbus);
    const theirs = redis === undefined ? undefined : await measure(redis);
    if (round < 0) continue;
    own.push(ours);
    if (theirs !== undefined) other.push(theirs);
  }
  for (const which of ["p50", "p99"] as const) {
    const mine = own.map((latency) => latency[which]);
    report.series(`fedbus ${which}`, "ms", mine);
    if (redis === undefined) continue;
    const theirs = other.map((latency) => latency[which]);
    report.series(`Redis Streams ${which}`, "ms", theirs);
    report.ratio(`${which} to Redis Streams`, ratios(mine, theirs));
    report.target(`${which} in ms`, summarize(mine).median, { atMost: summarize(theirs).median });
  }
});
report.finish();
