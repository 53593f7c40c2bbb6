// Tests the tests: breaks one promise at a time in a copy of the build, and runs the tests that stand
// for it. They must pass on the build as it is, and fail on each broken one. Exits with 1 otherwise.
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const copy = `${root}/.build-mutant`;

/** What is broken, where (compiled), and the tests that must notice. Each text occurs once. */
const mutations = [
  {
    name: "broadcast before commit",
    changes: [
      {
        file: "bus/log/level/committer.js",
        from: "const blocks = this.#place(drafts);",
        to: "const blocks = this.#place(drafts); core.advance(blocks); core.watch.notify();",
      },
      {
        file: "bus/log/level/committer.js",
        from: /async #accept\(blocks\) \{\s+const core = this\.#core;\s+core\.advance\(blocks\);/,
        to: "async #accept(blocks) { const core = this.#core;",
      },
    ],
    tests: ["test/bus/log/power-loss.test.js", "test/bus/log/sync-failure.test.js"],
  },
  {
    name: "acknowledge before fsync",
    changes: [
      {
        file: "bus/log/level/block-store.js",
        from: /(?<=value: block\.bytes,\s+\}\)\), )\{ sync: true \}/,
        to: "{ sync: false }",
      },
    ],
    tests: ["test/bus/log/power-loss.test.js"],
  },
  {
    name: "no dedupe",
    changes: [
      {
        file: "bus/broker/producers.js",
        from: "if (batch.seq < producer.nextSeq)",
        to: "if (batch.seq < producer.nextSeq) producer.nextSeq = batch.seq; if (false)",
      },
    ],
    tests: ["test/bus/broker/producers.test.js", "test/bus/publisher/lost-acks.test.js"],
  },
];

const print = (line) => process.stdout.write(`${line}\n`);

/** A broken build may hang. */
const patienceMs = 240_000;

/** Whether the built test passes; a skip counts as neither, and is told. */
function run(test) {
  const { status, stdout } = spawnSync(process.execPath, [`${copy}/${test}`], {
    cwd: root,
    encoding: "utf8",
    timeout: patienceMs,
    env: { ...process.env, TAP_TYPE_STRIP_ONLY: "1" },
  });
  const skipped = /^ok .* # SKIP (.*)$/m.exec(stdout)?.[1];
  if (skipped !== undefined) return { outcome: "skipped", why: skipped };
  const why = /not ok \d+ - (.*?)(?: #.*)?$/m.exec(stdout)?.[1] ?? `ended with ${status}`;
  return status === 0 ? { outcome: "passed" } : { outcome: "failed", why };
}

function breakCopy({ file, from, to }) {
  const text = readFileSync(`${copy}/${file}`, "utf8");
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${file}: "${from}" is there ${parts.length - 1} times`);
  writeFileSync(`${copy}/${file}`, parts.join(to));
}

function freshCopy() {
  rmSync(copy, { recursive: true, force: true });
  cpSync(`${root}/build`, copy, { recursive: true });
}

/** Runs the tests; how many came out other than `wanted`. */
function expectAll(tests, wanted) {
  let wrong = 0;
  for (const test of tests) {
    const { outcome, why } = run(test);
    const told = why === undefined ? outcome : `${outcome} (${why})`;
    print(`  ${test.replace(/\.js$/, ".ts")}: ${told}`);
    if (outcome !== wanted && outcome !== "skipped") wrong++;
  }
  return wrong;
}

const { status } = spawnSync(process.execPath, [`${root}/scripts/build.mjs`], { stdio: "inherit" });
if (status !== 0) process.exit(1);
freshCopy();
print("as it is: every test must pass");
const tests = [...new Set(mutations.flatMap((mutation) => mutation.tests))];
let faults = expectAll(tests, "passed");
for (const { name, changes, tests } of mutations) {
  freshCopy();
  for (const change of changes) breakCopy(change);
  print(`${name}: every test must fail`);
  faults += expectAll(tests, "failed");
}
rmSync(copy, { recursive: true, force: true });
print(`${mutations.length} mutations, ${faults} outcomes other than wanted`);
process.exitCode = faults === 0 ? 0 : 1;
