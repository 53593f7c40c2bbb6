import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { openBus } from "../../bus/index.js";
import { Cli, cli } from "./spawn-cli.js";

interface Shown {
  readonly offset: number;
  readonly event: { readonly topic: string; readonly msg: unknown };
}

function shown(out: string): Shown[] {
  return out
    .trimEnd()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Shown);
}

t.test("publish: one event makes no log unless asked, and is there afterwards", async (t) => {
  const dir = join(t.testdir(), "log");
  t.match(await cli(["publish", "a.b", "{}", "--dir", dir]), { code: 3 });
  const first = await cli(["publish", "a.b", `{"n":1}`, "--dir", dir, "--create"]);
  t.match(first, { code: 0, out: "accepted, offset 0\n", err: "" });
  const second = await cli(["publish", "a.b", `"text"`, "--dir", dir, "--json"]);
  t.match(second, { code: 0, out: `{"offset":1}\n` });
  const { out } = await cli(["query", "--dir", dir, "--json"]);
  t.match(shown(out), [
    { offset: 0, event: { topic: "a.b", msg: { n: 1 } } },
    { offset: 1, event: { topic: "a.b", msg: "text" } },
  ]);
});

t.test("publish: what cannot be taken is told by code", async (t) => {
  const dir = t.testdir();
  const refusals = [
    ["a..b", "{}", "TOPIC_INVALID"],
    ["fedbus.mine", "{}", "TOPIC_RESERVED"],
    ["a.b", "{nope", "JSON_INVALID"],
    ["a.b", `{"a":1,"a":2}`, "JSON_DUPLICATE_KEY"],
    ["a.b", `{"__proto__":{}}`, "JSON_FORBIDDEN_KEY"],
    ["a.b", `{"n":12345678901234567890}`, "JSON_NUMBER_UNSAFE"],
  ] as const;
  for (const [topic, body, code] of refusals) {
    const ended = await cli(["publish", topic, body, "--dir", dir, "--create", "--json"]);
    t.match(ended, { code: 1, out: "" }, code);
    t.match(JSON.parse(ended.err), { error: { code } });
  }
});

t.test("publish: lines are taken one by one, and refusals name their lines", async (t) => {
  const dir = t.testdir();
  const input = `{"a":1}\nnope\n\n{"b":2},\n{"c":3}\n{"d":1,"d":2}`;
  const ended = await cli(["publish", "a.b", "--dir", dir, "--create", "--json"], { input });
  t.equal(ended.code, 1);
  t.match(JSON.parse(ended.out), {
    accepted: 2,
    refused: 3,
    firstOffset: 0,
    lastOffset: 1,
    reasons: [
      { code: "JSON_INVALID", count: 1, lines: [2], message: /nope/ },
      { code: "JSON_INVALID", count: 1, lines: [4] },
      { code: "JSON_DUPLICATE_KEY", count: 1, lines: [6] },
    ],
  });
  const human = await cli(["publish", "a.b", "--dir", dir], { input });
  t.match(human.out, /2 accepted, 3 refused, offsets 2 to 3/);
  t.match(human.out, /JSON_INVALID once, at line 4: /);
});

t.test("publish: envelopes come from a file, byte for byte", async (t) => {
  const dir = t.testdir();
  const file = join(dir, "events.ndjson");
  const lines = [
    `{ "msg": {"n":1.0}, "topic":"a.b" , "extra": "\\u00e9" }`,
    `{"topic":"a.b","msg":null,"msg_id":"2026-x"}`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  const line = ["publish", "--envelopes", "--file", file, "--dir", join(dir, "log"), "--create"];
  t.match(await cli(line), { code: 0, out: /2 accepted, 0 refused/ });
  const { out } = await cli(["replay", "--dir", join(dir, "log")]);
  t.same(out.trimEnd().split("\n"), lines);
  const missing = ["publish", "--envelopes", "--file", join(dir, "no"), "--dir", join(dir, "log")];
  t.match(await cli(missing), { code: 2, err: /no does not exist \(INPUT_INVALID\)/ });
  const folder = ["publish", "--envelopes", "--file", dir, "--dir", join(dir, "log")];
  t.match(await cli(folder), { code: 2, err: /is a directory \(INPUT_INVALID\)/ });
});

t.test("publish: what stands behind `--` is an argument, and `-` is standard input", async (t) => {
  const dir = t.testdir();
  const publish = (line: string[], input = "") =>
    cli(["publish", "--create", "--dir", dir, ...line], { input });
  t.match(await publish(["a.b", "--", "-5"]), { code: 0, out: "accepted, offset 0\n" });
  t.match(await publish(["--", "a.b", "5"]), { code: 0, out: "accepted, offset 1\n" });
  t.match(await publish(["--", "a.b", "5", "--json"]), { code: 2, err: /not expected here/ });
  t.match(await publish(["a.b", "--file", "-"], "1\n2\n"), { out: /^2 accepted/ });
  t.match(await publish(["a.b"]), { code: 0, out: /^nothing came in/ });
  const { out } = await cli(["query", "--dir", dir, "--fields", "topic,msg"]);
  t.equal(out, "a.b, -5\na.b, 5\na.b, 1\na.b, 2\n");
});

t.test("publish: a file's name in place of a body is told as such", async (t) => {
  const cwd = t.testdir({ "orders.ndjson": "1\n" });
  const line = ["publish", "--create", "--dir", join(cwd, "log"), "a.b"];
  t.match(await cli([...line, "orders.ndjson"], { cwd }), {
    err: /JSON_INVALID.*\n.*--file orders\.ndjson/,
  });
  t.match(await cli([...line, "gone.ndjson"], { cwd }), { err: /JSON_INVALID.*\n.*write JSON/ });
});

t.test("publish: --rate spreads the events", async (t) => {
  const dir = t.testdir();
  const input = Array.from({ length: 30 }, (_, n) => `{"n":${n}}\n`).join("");
  await cli(["publish", "a.b", "--dir", dir, "--create", "--rate", "50/s"], { input });
  const { out } = await cli(["query", "--dir", dir, "--fields", "recorded_at"]);
  const times = out.trimEnd().split("\n").map(Number);
  const tookMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  t.ok(tookMs >= 400 && tookMs < 5_000, `30 events at 50/s took ${tookMs} ms`);
});

t.test("publish: Ctrl-C ends the reading, and says what was taken", async (t) => {
  const dir = t.testdir();
  const bus = await openBus({ dir, listen: "tcp://127.0.0.1:0" });
  t.teardown(() => bus.close());
  const publishing = new Cli(["publish", "a.b", "--dir", dir, "--json"]);
  publishing.child.stdin?.write(`{"n":1}\n`);
  for await (const _ of bus.subscribe("a.b", { from: "earliest" })) break;
  const { code, out } = await publishing.stop();
  t.equal(code, 130);
  t.match(JSON.parse(out), { accepted: 1, refused: 0 });
});
