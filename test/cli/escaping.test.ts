import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { cli } from "./spawn-cli.js";

/** What a hostile publisher may put into a body to get at a reader's terminal. */
const corpus = [
  "\u001b[2J\u001b[31mred",
  "\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007",
  "\u001b]52;c;ZXZpbA==\u0007",
  "\u009b31mC1",
  "over\rwritten",
  "\u202egnp.exe",
  "\u2066isolated\u2069",
  "line\u2028para\u2029",
  "\u007f\u0000\u0008",
  "\ufeffbom",
  "\u200e\u200f\u061c",
];

/** What must not reach a terminal, but for line breaks. */
const unsafe =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

t.test("escaping: nothing that a terminal obeys comes out of any command", async (t) => {
  const dir = t.testdir();
  const log = join(dir, "log");
  const file = join(dir, "events.ndjson");
  const raw = (text: string) =>
    JSON.stringify(text).replace(
      /\\u(?:009b|007f|202e)/g,
      (found) => JSON.parse(`"${found}"`) as string,
    );
  const lines = corpus.map(
    (text) =>
      `{"topic":"a.b","msg":{${raw(text)}:${raw(text)},"text":${raw(text)}},"headers":{${raw(text)}:1}}`,
  );
  await writeFile(file, lines.join("\n"));
  const published = await cli(["publish", "--envelopes", "--file", file, "--dir", log, "--create"]);
  t.match(published, { code: 0, out: /11 accepted/ });
  const schema = join(dir, "odd.json");
  await writeFile(schema, `{"title":${raw(corpus.join(" "))}}`);
  const add = ["schema", "add", schema, "--topic", "odd.#", "--dir", log];
  for (const json of [[], ["--json"]])
    t.notMatch((await cli([...add, ...json])).out, unsafe, "schema add");
  const commands = [
    "query",
    "query --json",
    "query --pretty",
    "query --terse",
    "query --fields msg.text,headers",
    "query --fields msg --json",
    "tail --no-follow",
    "topics",
    "log info",
    "schema list",
    "schema list --json",
    "schema show odd",
    "schema show odd --json",
    "topics --json",
    "doctor --json",
  ];
  for (const command of commands) {
    const { code, out, err } = await cli([...command.split(" "), "--dir", log]);
    t.equal(code, 0, command);
    t.notMatch(out + err, unsafe, command);
  }
  const { out } = await cli(["query", "a.b", "--json", "--dir", log]);
  const texts = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).event.msg.text as string);
  t.same(texts, corpus, "and JSON keeps its meaning");
});

t.test("escaping: arguments come back escaped in errors", async (t) => {
  const none = join(t.testdir(), "none");
  const text = corpus.join(" ").replaceAll("\u0000", "");
  const lines = {
    topic: ["publish", text, "{}"],
    pattern: ["topics", text],
    expression: ["query", "--where", text],
    time: ["query", "--since", text],
    schema: ["schema", "show", text],
    command: [text],
    option: ["tail", `--${text}`],
    "in JSON": ["query", "--since", text, "--json"],
  };
  for (const [what, line] of Object.entries(lines)) {
    const { code, out, err } = await cli([...line, "--dir", none]);
    t.not(code, 0, what);
    t.notMatch(out + err, unsafe, what);
  }
});

t.test("escaping: reasons of refusals are escaped, in JSON too", async (t) => {
  const dir = t.testdir();
  const log = join(dir, "log");
  const schema = join(dir, "odd.json");
  const file = join(dir, "events.ndjson");
  const key = "\u009b31m\u202e\u007f";
  await writeFile(schema, JSON.stringify({ properties: { [key]: { type: "string" } } }));
  await writeFile(file, `${JSON.stringify({ [key]: 1 })}\n${key}\n`);
  await cli(["schema", "add", schema, "--name", "odd", "--dir", log, "--create"]);
  const lines = [
    ["publish", "odd", "--file", file, "--dir", log],
    ["schema", "check", schema, file],
    ["log", "import", file, "--dir", log],
  ];
  for (const line of lines)
    for (const json of [[], ["--json"]]) {
      const { code, out, err } = await cli([...line, ...json]);
      t.equal(code, 1, line.join(" "));
      t.notMatch(out + err, unsafe, line.join(" "));
    }
});
