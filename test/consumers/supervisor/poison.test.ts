import t from "tap";
import { until } from "../../bus/turns.js";
import { counter, openWorkbench } from "./workbench.js";

interface Letter {
  readonly event: { readonly offset: number };
  readonly attempts: number;
  readonly error: { readonly message: string };
}

/** Each kind of poison: what the plugin does at event 5, and what its dead letter says. */
const poisons: Readonly<Record<string, readonly [at: string, says: RegExp]>> = {
  throws: [`throw new Error("no such luck");`, /no such luck/],
  rejects: [`return Promise.reject(new Error("no such luck"));`, /no such luck/],
  loops: [`for (;;) {}`, /event loop was blocked for 2000 ms/],
  heap: [
    `const all = []; for (;;) all.push(new Array(1e5).fill(n));`,
    /MiB of heap|bytes of memory/,
  ],
  buffers: [
    `globalThis.all = []; return new Promise(() => setInterval(() => all.push(Buffer.alloc(3e7, 1)), 50));`,
    /bytes of memory, more than 250000000/,
  ],
  exits: [`process.exit(3);`, /exited with code 3/],
  aborts: [`process.abort();`, /SIGABRT/],
  segfaults: [`process.kill(process.pid, "SIGSEGV");`, /SIGSEGV/],
};

const limits = { watchdogMs: 2_000, heapMbMax: 64, rssBytesMax: 250_000_000 };

for (const [kind, [at, says]] of Object.entries(poisons))
  t.test(
    `poison: an event that ${kind} becomes one dead letter, and harms nothing else`,
    async (t) => {
      const bench = await openWorkbench(t);
      const poisoned = bench.plugin(
        "poisoned.js",
        counter("poisoned", `if (n === 5) { ${at} }`, "attemptsMax: 2,"),
      );
      const sound = bench.plugin("sound.js", counter("sound"));
      const victim = await bench.open(poisoned, { limits });
      const other = await bench.open(sound);
      await bench.publish(10);
      await until(() => other.status.handled === 10);
      // The other one goes on while the poison is dealt with.
      await bench.publish(100, "in.b", 10);
      await until(() => other.status.handled === 110);
      await until(() => victim.status.deadLetters === 1 && victim.status.handled === 109);
      await until(async () => (await bench.bodies("out.poisoned")).length === 109);

      const letters = await bench.bodies<Letter>("consumers.poisoned.dead-letter");
      t.equal(letters.length, 1);
      const told = bench.logged.filter((line) => line.startsWith("poisoned: "));
      for (const attempt of [1, 2])
        t.equal(told.filter((line) => line.includes(`attempt ${attempt} of 2 failed`)).length, 1);
      // Whoever calls abort has Node print where.
      const expected = /attempt|process died|given up|stack trace|^poisoned: +\d+: /;
      t.same(
        told.filter((line) => !expected.test(line)),
        [],
        "a line an attempt, and nothing else",
      );
      t.match(letters[0], { event: { offset: 5 }, attempts: 2, error: { message: says } });
      const outputs = await bench.bodies<{ n: number }>("out.poisoned");
      const wanted = Array.from({ length: 110 }, (_, n) => n).filter((n) => n !== 5);
      t.same(
        outputs.map(({ n }) => n),
        wanted,
        "every other event once, in order",
      );
      t.equal((await bench.bodies("out.sound")).length, 110);
      t.same(
        (await victim.query({ table: "state", key: "count" })).map(({ value }) => value),
        [109],
        "state and outputs agree",
      );
      t.match(other.status, { state: "running", restarts: 0 });
      t.equal(victim.status.state, "running");
    },
  );
