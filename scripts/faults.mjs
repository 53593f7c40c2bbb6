// The fault tests with many more cycles than `npm test` takes: hours rather than minutes. Each prints
// what it counted. Arguments are files, as for `npm test`; default: all that count.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Cycles by the variable that a test reads, unless the environment already says something else. */
const cycles = {
  FEDBUS_CRASH_CYCLES: 200,
  FEDBUS_POWER_CYCLES: 100,
  FEDBUS_DISK_CYCLES: 50,
  FEDBUS_FLIPS: 300,
  FEDBUS_HOLES: 200,
  FEDBUS_STORE_FLIPS: 500,
  FEDBUS_HUB_KILLS: 200,
  FEDBUS_SPOOL_CYCLES: 200,
  FEDBUS_SINK_KILLS: 100,
  FEDBUS_SINK_BATCHES: 30_000,
  FEDBUS_ZOMBIES: 50,
  FEDBUS_ACK_ROUNDS: 200,
  FEDBUS_TAILS: 30,
  FEDBUS_JOINS: 500,
  FEDBUS_DELIVERY_KILLS: 200,
  FEDBUS_FILTERED_EVENTS: 1_000_000,
  FEDBUS_SUBSCRIPTIONS: 5_000,
  FEDBUS_CLOCK_STEPS: 100,
  FEDBUS_REPLAY_KILLS: 100,
  FEDBUS_KILLS: 500,
  FEDBUS_RESCALE_KILLS: 60,
  FEDBUS_STORE_DISK_CYCLES: 50,
  FEDBUS_PROPERTY_FACTOR: 20,
  FEDBUS_WINDOW_RUNS: 1_000,
  FEDBUS_WHATIF_EVENTS: 1_000_000,
  FEDBUS_PROMOTE_KILLS: 30,
  FEDBUS_SWAPS: 1_000,
  FEDBUS_SERVE_KILLS: 200,
  FEDBUS_TRAIN_KILLS: 100,
};

const counted = [
  "test/bus/log/crash.test.ts",
  "test/bus/log/power-loss.test.ts",
  "test/bus/log/disk-full.test.ts",
  "test/bus/log/corruption.test.ts",
  "test/bus/log/index-holes.test.ts",
  "test/bus/hub/hub-process.test.ts",
  "test/bus/publisher/spool.test.ts",
  "test/bus/publisher/numbered-sink.test.ts",
  "test/bus/publisher/spool-damage.test.ts",
  "test/bus/publisher/zombie.test.ts",
  "test/bus/publisher/lost-acks.test.ts",
  "test/bus/client/subscriber.test.ts",
  "test/bus/client/many-topics.test.ts",
  "test/bus/hub/clock-steps.test.ts",
  "test/replay/engine/replay.test.ts",
  "test/consumers/runner/exactly-once.test.ts",
  "test/consumers/supervisor/rescale-crash.test.ts",
  "test/consumers/runner/disk-full.test.ts",
  "test/consumers/store/damaged-store.test.ts",
  "test/replay/whatif/whatif.test.ts",
  "test/replay/promote/promote.test.ts",
  "test/consumers/sinks/file/file-crash.test.ts",
  "test/consumers/sinks/sink-crash.test.ts",
  "test/consumers/aggregate/windows-property.test.ts",
  "test/consumers/join/interval-join.test.ts",
  "test/consumers/join/join-table.test.ts",
  "test/consumers/rules/rules-model.test.ts",
  "test/consumers/enrich/replay.test.ts",
  "test/consumers/serve/swaps.test.ts",
  "test/consumers/serve/killed.test.ts",
];

const files = process.argv.length > 2 ? process.argv.slice(2) : counted;
const { status } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL("test.mjs", import.meta.url)), ...files],
  {
    stdio: "inherit",
    env: { TAP_TIMEOUT: "0", FEDBUS_PATIENCE_MS: "86400000", ...cycles, ...process.env },
  },
);
process.exitCode = status ?? 1;
