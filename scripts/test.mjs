// Builds the tests afresh, runs tap, and shows its stream as one line a file, with every failure and
// every skip in full. Closes with `N passed, N failed`. Arguments are files: test/cli/tail.test.ts
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const print = (line) => process.stdout.write(`${line}\n`);

const build = spawnSync(process.execPath, [`${root}/scripts/build.mjs`], {
  cwd: root,
  stdio: "inherit",
});
if (build.status !== 0) {
  print("The tests do not compile.\n0 passed, 1 failed");
  process.exit(1);
}

/** Files of a whole run that are told to be the costliest. */
const costliestShown = 20;

/** What all of it has cost, and which files the most: waiting costs nothing, and other work on the machine little. */
function tellCosts(costs) {
  if (costs.length < costliestShown) return;
  const total = costs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  print(`CPU: ${total.toFixed(0)} s in ${costs.length} files, the most in`);
  const costliest = costs.toSorted((a, b) => b.cpuSeconds - a.cpuSeconds).slice(0, costliestShown);
  for (const { file, cpuSeconds } of costliest)
    print(`    ${cpuSeconds.toFixed(1).padStart(6)} s  ${file}`);
}

const { TapReader } = await import("../build/scripts/tap-reader.js");
const files = process.argv
  .slice(2)
  .map((file) => file.replace(/^(?:\.\/)?(?:build\/)?/, "build/").replace(/\.ts$/, ".js"));
const preloads = ["plain-children", "report-cpu"].map((name) =>
  pathToFileURL(`${root}/scripts/${name}.mjs`),
);
const tap = spawn(
  process.execPath,
  [
    `${root}/node_modules/tap/dist/esm/run.mjs`,
    "--reporter=tap",
    ...preloads.map((url) => `--node-arg=--import=${url}`),
    ...files,
  ],
  { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
);
const ended = new Promise((resolve) => tap.on("close", resolve));
const reader = new TapReader(print);
for await (const line of createInterface({ input: tap.stdout })) reader.take(line);
reader.end();

tellCosts(reader.costs);
const status = await ended;
let { passed, failed, skipped } = reader;
if (status !== 0 && failed === 0) {
  print(`tap itself ended with ${status}, which counts as one failure`);
  failed = 1;
}
if (passed + failed + skipped === 0) {
  print("No test ran, which counts as one failure");
  failed = 1;
}
print(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 ? 0 : 1;
