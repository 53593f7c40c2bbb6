// Runs every bench, one after another; options are handed on.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const names = [
  "pipeline",
  "single",
  "read-back",
  "latency",
  "fan-out",
  "memory",
  "restart",
  "aggregate",
  "join",
  "state",
  "replay",
  "schema-check",
  "nexmark/run",
  "models/mlp-step",
  "models/serving",
  "models/gbdt",
];

for (const name of names) {
  const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
