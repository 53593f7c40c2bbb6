import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { withAssignments } from "../../cli/consumers/settings.js";
import { parseStart } from "../../cli/consumers/start-at.js";
import { Cli, cli, type SpawnOptions } from "./spawn-cli.js";

const plugin = `import { consumer } from "fedbus/consumers";
export default consumer<{ limit: number }>({
  name: "sums", version: "3", topics: ["in.#"],
  config: {
    type: "object", additionalProperties: false,
    properties: { limit: { type: "number", default: 100, description: "Larger ones fail" } },
  },
  key: (event) => String((event.msg as { n: number }).n % 4),
  attemptsMax: 1,
  handle(event, { state, config, emit }) {
    const { n } = event.msg as { n: number };
    if (n > config.limit) throw new RangeError(\`too large: \${n}\\u001b[31m\`);
    const key = String(n % 4);
    state.put(key, ((state.get(key) as number | undefined) ?? 0) + n);
    emit("out.sum", { n });
  },
});
`;

function folder(t: Test) {
  const cwd = t.testdir({ "sums.ts": plugin, "limit.json": `{"limit": 2}` });
  const options: SpawnOptions = { cwd };
  const run = (...line: string[]) => cli(line, options);
  const json = (...line: string[]) => endsWith(0, ...line);
  const endsWith = async (wanted: number, ...line: string[]) => {
    const { out, err, code } = await run(...line, "--json");
    if (code !== wanted) throw new Error(`${code}: ${err}`);
    return out
      .split("\n")
      .filter(Boolean)
      .map((text) => JSON.parse(text));
  };
  return { cwd, options, run, json, endsWith };
}

const listen = ["--listen", "tcp://127.0.0.1:0"];

t.test("run: a plugin over the directory once, with what is set, and then looked at", async (t) => {
  const { cwd, run, json, endsWith, options } = folder(t);
  const input = Array.from({ length: 10 }, (_, n) => `{"n":${n}}\n`).join("");
  await cli(["publish", "in.a", "--create"], { ...options, input });
  t.match(await run("run", "sums.ts", "--help-config"), {
    code: 0,
    out: /limit +number +100 +Larger ones fail/,
  });
  t.match(await json("run", "sums.ts", "--help-config"), [{ topics: ["in.#"] }]);
  const once = ["run", "sums.ts", "--once", ...listen];
  const [done] = await endsWith(1, ...once, "--set", "limit=8");
  t.match(done, { name: "sums", state: "ended", handled: 9, outputs: 9, deadLetters: 1 });
  t.match(await json("consumers", "list"), [{ name: "sums", state: "stopped", version: "3" }]);
  t.match(await run("consumers", "show", "sums"), {
    code: 0,
    out: /plugin +.*sums\.ts\n[\s\S]*dead letters +1 open, 1 in all[\s\S]*limit +number +8 +given/,
  });
  t.match(await json("state", "sums"), [
    { key: "0", value: 12 },
    { key: "1", value: 6 },
    { key: "2", value: 8 },
    { key: "3", value: 10 },
  ]);
  t.match(await json("state", "sums", "2"), [{ value: 8 }]);
  t.match(await run("state", "sums", "9"), { code: 3, err: /STATE_NOT_FOUND/ });
  t.equal((await json("state", "sums", "--limit", "2")).length, 2);

  const listed = await run("dlq", "list");
  t.match(listed.out, /sums +9 +in\.a +1 +too large: 9/);
  t.equal(listed.err, "dead letters: 1 (sums 1)\n");
  t.notMatch(listed.out, /\u001b/, "what a plugin says is escaped");
  const [letter] = await json("dlq", "list", "sums");
  t.match((await run("dlq", "show", `${letter.offset}`)).out, /RangeError: too large: 9/);
  t.match(await json("consumers", "list"), [{ outputs: 9, deadLetters: 1, openDeadLetters: 1 }]);
  const retried = await run("dlq", "retry", "--all", "sums");
  t.match(retried.out, /^\d+ of sums: retry published as event \d+\n$/);
  t.ok(retried.out.startsWith(`${letter.offset} `));
  t.match(await run("dlq", "retry", `${letter.offset}`), { code: 1, out: /: already retried\n$/ });
  t.match(await json("dlq", "retry", "--force", `${letter.offset}`), [{ offset: Number }]);
  t.match(await endsWith(1, "dlq", "drop", `${letter.offset}`), [{ already: "retried" }]);
  for (const line of [
    ["dlq", "list"],
    ["dlq", "retry", "--all"],
  ])
    t.match(await run(...line, "sum"), { code: 3, err: /no consumer "sum" .*: the log has sums/ });
  t.match(await run("state", "sums", "--table", "sttae"), {
    code: 0,
    err: 'sums has no table "sttae", or nothing in it\n',
  });
  t.match(await json("consumers", "list"), [{ deadLetters: 1, openDeadLetters: 0 }]);
  t.same(await json("dlq", "list"), []);
  t.match(await json(...once, "--parallelism", "2"), [
    { handled: 10, parallelism: 2, generation: 2 },
  ]);
  t.match(await json("state", "sums", "1"), [{ value: 15 }], "the retry was handled");
  t.match(await run("dlq", "retry", "1"), { code: 3, err: /DEAD_LETTER_UNKNOWN/ });
  t.match(await run("dlq", "drop"), { code: 2, err: /no dead letter is named/ });

  t.match(await run("consumers", "reset", "sums"), { code: 2, err: /--yes/ });
  t.match(await json("consumers", "reset", "sums", "--yes", "--from", "5"), [
    { offset: 5, handled: 0 },
  ]);
  t.match(await json("consumers", "pause", "sums"), [{ state: "paused" }]);
  t.match(
    await run(...once),
    {
      code: 1,
      out: /sums +paused/,
      err: /sums is paused at .*`fedbus consumers resume sums` lets/,
    },
    "paused it does not end",
  );
  await run("consumers", "resume", "sums");
  t.match(await endsWith(1, ...once, "--config", "limit.json"), [
    { deadLetters: 6, parallelism: 2 },
  ]);
  const letters = await json("dlq", "list");
  t.same(await json("dlq", "list", "--limit", "1"), letters.slice(-1), "the newest");
  t.match(
    (await run("dlq", "list", "--limit", "1")).err,
    /letters: \d+, the newest 1 shown \(sums/,
  );
  t.match(await json("consumers", "rewind", "sums", "--to", "live"), [{ lag: 0 }]);
  t.match(
    await run(...once),
    {
      code: 0,
      err: /starts one at tcp:.*, its log in .*\.fedbus\.\n[\s\S]*sums reads in\.# at tcp:\S+\.\n/,
    },
    "old dead letters fail no run",
  );
  await cli(["publish", "in.a", `{"n":7}`], options);
  t.match(await run(...once, "--config", "limit.json"), {
    code: 1,
    err: /1 new dead letter: see `fedbus dlq list sums`/,
  });
  t.match(await run("consumers", "rewind", "sums", "--to", "999"), {
    code: 2,
    err: /OFFSET_INVALID/,
  });
  t.match(await run("consumers", "show", "nobody"), {
    code: 3,
    err: /no consumer "nobody" in .*: the log has sums/,
  });
  t.equal(typeof cwd, "string");
});

t.test(
  "run: several plugins once run in turn, and one that halts does not keep the next from it",
  async (t) => {
    const made = (
      name: string,
      from: string,
      to: string,
    ) => `import { consumer } from "fedbus/consumers";
export default consumer({
  name: "${name}", topics: ["${from}"], onFailure: "halt", attemptsMax: 2,
  handle({ msg }, { emit }) {
    if (msg === "${name}") throw new Error("not this one");
    emit("${to}", msg);
  },
});
`;
    const cwd = t.testdir({ "a.ts": made("a", "in", "mid"), "b.ts": made("b", "mid", "out") });
    const run = (...line: string[]) => cli(line, { cwd });
    await cli(["publish", "in", "--create"], { cwd, input: "1\n2\n" });
    t.match(await run("run", "a.ts", "b.ts", "--once", ...listen), { code: 0 });
    t.match((await run("query", "out", "--fields", "msg")).out, /^1\n2\n$/);
    await cli(["publish", "in"], { cwd, input: '3\n"a"\n4\n' });
    const halted = await run("run", "a.ts", "b.ts", "--once", ...listen);
    t.match(halted, { code: 1, out: /a +halted[\s\S]*b +ended/ });
    t.match((await run("query", "out", "--fields", "msg")).out, /^1\n2\n3\n$/);
  },
);

t.test("run: live, beside a hub, and steered from elsewhere", async (t) => {
  const { run, json, options } = folder(t);
  const hub = new Cli(["hub", ...listen], options);
  t.teardown(() => hub.child.kill("SIGKILL"));
  await hub.until(/the hub is running/, "err");
  const running = new Cli(["run", "sums.ts", "--from", "live"], options);
  t.teardown(() => running.child.kill("SIGKILL"));
  await running.until(/sums reads in\.#/, "err");
  const stateOf = async () =>
    (await json("consumers", "list"))[0] as { state: string; handled: number };
  const until = async (wanted: { state?: string; handled?: number }) => {
    for (;;) {
      const status = await stateOf();
      if (Object.entries(wanted).every(([key, value]) => status[key as "state"] === value)) return;
      await sleep(100);
    }
  };
  await until({ state: "running" });
  await cli(["publish", "in.a", `{"n":1}`], options);
  await until({ handled: 1 });
  t.match(await json("state", "sums", "1"), [{ value: 1 }], "asked of its process");
  t.match(await run("run", "sums.ts"), { code: 4, err: /CONSUMER_IN_USE/ });
  t.match(await json("consumers", "pause", "sums"), [{ state: "paused" }]);
  await cli(["publish", "in.a", `{"n":5}`], options);
  await run("consumers", "resume", "sums");
  await until({ handled: 2 });
  t.match(await json("consumers", "rewind", "sums", "--to", "0"), [{ name: "sums" }]);
  await until({ handled: 4 });
  t.match(await running.stop(), { code: 0 });
  t.match(await stateOf(), { state: "stopped", handled: 4 });
  t.match(await hub.stop(), { code: 0 });
});

t.test("run: mistakes are told before anything runs", async (t) => {
  const { cwd, run } = folder(t);
  mkdirSync(join(cwd, "sub"));
  writeFileSync(join(cwd, "sub", "bad.ts"), "const a: = 1;\n");
  t.match(await run("run", "gone.ts", ...listen), { code: 3, err: /PLUGIN_NOT_FOUND/ });
  t.match(await run("run", "./sub/bad.ts", ...listen), {
    code: 2,
    err: /bad\.ts:1:\d+.*PLUGIN_INVALID/,
  });
  t.match(await run("run", "sums.ts", "--set", "limt=1", ...listen), {
    code: 2,
    err: /there is no setting "limt".*\n.*did you mean "limit"\?/,
  });
  t.match(await run("run", "sums.ts", "--set", "limit", ...listen), { code: 2, err: /--set/ });
  t.match(await run("run", "sums.ts", "a.ts", "--name", "x"), { code: 2, err: /several plugins/ });
  writeFileSync(
    join(cwd, "sub", "topics.js"),
    `import { consumer } from "fedbus/consumers";
export default consumer({ name: "t", topics: () => ["in.\\u001b[31m"], handle() {} });\n`,
  );
  const topics = await run("run", "sub/topics.js", ...listen);
  t.match(topics, { code: 2, err: /PATTERN_INVALID/ });
  t.notMatch(topics.err, /\u001b/, "what a plugin says is escaped");
  t.match(await run("state", "sums", "--limit", "10001"), { code: 2, err: /10000 at most/ });
  for (const wrong of ["0", "65"])
    t.match(await run("run", "sums.ts", "--parallelism", wrong), { code: 2, err: /from 1 to 64/ });
  t.match(await run("run", "sums.ts", "--heap", "5"), { code: 2, err: /32MiB or more/ });
  t.match(await run("run", "sums.ts", "--from", "never"), { code: 2, err: /--from/ });
  t.match(await run("run", "sums.ts", "--config", "sums.ts"), { code: 2, err: /is no JSON/ });
});

t.test("run: a plugin whose import does not end is told of, and interrupted", async (t) => {
  const { cwd, options } = folder(t);
  writeFileSync(join(cwd, "loops.js"), "for (;;) {}\n");
  const running = new Cli(["run", "loops.js", ...listen], { ...options, isLeader: true });
  await running.until(/still importing.*top level of its module.*loops\.js/, "err");
  // As a terminal does it: to all processes of the group.
  process.kill(-running.child.pid!, "SIGINT");
  const { code, err } = await running.ended;
  t.equal(code, 130);
  t.notMatch(err, /PLUGIN_INVALID/);
  t.throws(() => process.kill(-running.child.pid!, 0), { code: "ESRCH" }, "nothing is left over");
});

t.test("run --once: somebody else at the default address is not in the way", async (t) => {
  const { options, endsWith } = folder(t);
  await cli(["publish", "in.a", '{"n":1}', "--create"], options);
  const other = createServer();
  t.teardown(() => other.close());
  await new Promise<void>((resolve) => {
    // Whoever has it already is just as foreign.
    other.once("error", () => resolve());
    other.listen(9950, "127.0.0.1", resolve);
  });
  t.match(await endsWith(0, "run", "sums.ts", "--once"), [{ state: "ended", handled: 1 }]);
});

t.test("run: settings take dotted names, and values as their schema wants them", async (t) => {
  const schema = {
    properties: { text: { type: "string" }, a: { properties: { b: { type: "string" } } } },
  };
  t.same(
    withAssignments({ n: 0, a: { c: 1 } }, ["text=5", "n=5", "a.b=[1]", "d.e=x", "f=[1]"], schema),
    {
      ...{ text: "5", n: 5, a: { b: "[1]", c: 1 }, d: { e: "x" }, f: [1] },
    },
  );
  for (const wrong of ["", "a", "=1", "a..b=1", "__proto__.x=1", "a.constructor=1"])
    t.throws(() => withAssignments({}, [wrong], {}), { code: "OPTIONS_INVALID" }, wrong);
  t.same(parseStart("--from", "7"), { offset: 7 });
  t.same(parseStart("--from", "live"), "live");
  t.same(parseStart("--from", "1700000000"), { time: 1_700_000_000_000 });
  t.throws(() => parseStart("--from", "x"), { code: "OPTIONS_INVALID" });
});
