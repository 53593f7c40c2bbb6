import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import t from "tap";
import { commands } from "../../cli/commands/index.js";
import { parseCommandLine } from "../../cli/program.js";
import { cli } from "./spawn-cli.js";

const parse = (line: string) => parseCommandLine(line.split(" "), commands);

const mistakes: readonly (readonly [line: string, message: RegExp, remedy: RegExp])[] = [
  ["tial", /no command "tial"/, /fedbus tail/],
  ["tail --form 1", /no option --form/, /--from/],
  ["tail --limit", /--limit needs a value/, /fedbus tail --help/],
  ["hub --port 9977", /no option --port/, /did you mean --listen\?/],
  ["tail --url tcp://127.0.0.1:9950", /no option --url/, /did you mean --hub\?/],
  ["query --order up", /--order cannot be "up"/, /"asc", "desc"/],
  ["log", /Say which/, /fedbus log --help/],
  ["log nope", /no command "log nope"/, /fedbus log --help/],
  ["log inof", /no command "log inof"/, /fedbus log info/],
  ["schema shw", /no command "schema shw"/, /fedbus schema show/],
  ["version", /no command "version"/, /`fedbus --help`/],
  ["schema show", /the argument <\w+> is missing/, /fedbus schema show --help/],
  ["run", /the argument <plugins> is missing/, /fedbus run --help/],
  ["init plugin", /the argument <name> is missing/, /fedbus init plugin --help/],
  ["whatif", /the argument <plugin> is missing/, /fedbus whatif --help/],
  ["whatif a.ts", /^--against is missing/, /fedbus whatif --help/],
  ["consumers rewind a", /^--to is missing/, /fedbus consumers rewind --help/],
  [
    "model import a.onnx --name a --featurs f",
    /^--features is missing, and there is no option --featurs/,
    /did you mean --features\?/,
  ],
  ["topics --frobnicate", /no option --frobnicate/, /fedbus topics --help/],
];

t.test("usage: mistakes are told with what to do", async (t) => {
  for (const [line, message, remedy] of mistakes)
    await t.rejects(parse(line), { code: "OPTIONS_INVALID", message, details: { remedy } }, line);
});

t.test("usage: wrong values name their option, and exit with 2", async (t) => {
  const lines: readonly (readonly [line: string[], option: string])[] = [
    [["tail", "--limit", "0"], "--limit"],
    [["tail", "--limit", "1", "--limit", "2"], "--limit"],
    [["tail", "--from", "start"], "--from"],
    [["query", "--since", "soon"], "--since"],
    [["replay", "--speed", "fast"], "--speed"],
    [["hub", "--keep-bytes", "much"], "--keep-bytes"],
    [["hub", "--keep", "org.example.#"], "--keep"],
    [["hub", "--hub", "tcp://127.0.0.1:9"], "--hub"],
    [["publish", "--rate", "5/day", "a.b"], "--rate"],
    [["topics", "--hub", "tcp://127.0.0.1:9", "--dir", "x"], "--hub"],
    [["tail", "--pretty"], "--pretty"],
  ];
  for (const [line, option] of lines) {
    const { code, err, out } = await cli([...line, "--json"], { cwd: t.testdir() });
    t.match({ code, out }, { code: 2, out: "" }, line.join(" "));
    t.match(JSON.parse(err), { error: { code: "OPTIONS_INVALID", details: { option } } });
  }
});

t.test("usage: every command has help with an example, and there is a version", async (t) => {
  const { text } = await parse("--help");
  const names = [...text.matchAll(/^ {2}fedbus (\w+)/gm)].map(([, name]) => name ?? "");
  t.equal(names.length, 20, names.join(" "));
  t.match(text, /Exit codes:/);
  const groups = ["completion", "log", "schema", "keys", "consumers", "dlq", "model", "init"];
  for (const name of names.filter((name) => !groups.includes(name)))
    t.match((await parse(`${name} --help`)).text, /Examples:\n {2}fedbus /, name);
  for (const name of ["verify", "trim", "export", "import", "backup", "repair", "info"])
    t.match((await parse(`log ${name} --help`)).text, /Examples:\n {2}fedbus log/, name);
  for (const name of ["list", "show", "pause", "resume", "reset", "rewind"])
    t.match((await parse(`consumers ${name} --help`)).text, /Examples:\n {2}fedbus cons/, name);
  for (const name of [
    "list",
    "show",
    "compare",
    "verify",
    "promote",
    "export",
    "import",
    "predict",
  ])
    t.match(
      (await parse(`model ${name} --help`)).text,
      /Examples:\n {2}.*fedbus (model|query)/,
      name,
    );
  for (const name of ["list", "show", "retry", "drop"])
    t.match((await parse(`dlq ${name} --help`)).text, /Examples:\n {2}fedbus dlq/, name);
  t.match((await parse("init plugin --help")).text, /Examples:\n {2}fedbus init/);
  t.match(await cli(["--version"]), { code: 0, out: /^\d+\.\d+\.\d+\n$/ });
});

t.test("usage: `help COMMAND` is `COMMAND --help`", async (t) => {
  t.equal((await parse("help log trim")).text, (await parse("log trim --help")).text);
  t.equal((await parse("help")).text, (await parse("--help")).text);
});

t.test("usage: what excludes each other is told by name", async (t) => {
  const lines = {
    "publish a.b 1 --file /tmp/x": /--file and a body cannot both be given/,
    "replay --to-file x --to-hub tcp://127.0.0.1:9": /--to-file and --to-hub cannot both/,
    "tail --from 1 --since 1h": /--since and --from cannot both/,
  };
  for (const [line, message] of Object.entries(lines))
    t.match(await cli(line.split(" "), { cwd: t.testdir() }), { code: 2, err: message });
});

t.test("usage: --json may be given with a value, and is none behind `--`", async (t) => {
  const cwd = t.testdir();
  t.match((await cli(["topics", "--dir", cwd, "--json=true"])).err, /^\{"error"/);
  t.match((await cli(["topics", "--dir", cwd, "--json=false"])).err, /^fedbus:/);
  t.match((await cli(["topics", "--dir", cwd, "--", "--json"])).err, /^fedbus:/);
});

t.test("usage: what cannot be written is an error", async (t) => {
  const dir = t.testdir();
  await cli(["publish", "a.b", "1", "--dir", dir, "--create"]);
  const main = fileURLToPath(new URL("../../cli/main.js", import.meta.url));
  for (const line of ["log export", "log info", "query", "tail --no-follow", "--help"]) {
    const to = line === "--help" ? "" : `--dir "${dir}"`;
    const command = `"${process.execPath}" "${main}" ${line} ${to} > /dev/full`;
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
      execFile("bash", ["-c", command], (error, _out, stderr) =>
        resolve({ code: error?.code, stderr }),
      ),
    );
    t.match({ code, stderr }, { code: 7, stderr: /ENOSPC.*LOG_WRITE_FAILED/ }, line);
  }
});

t.test("usage: completion prints a script", async (t) => {
  const { code, out } = await cli(["completion"]);
  t.equal(code, 0);
  t.match(out, /complete .* fedbus/);
});

t.test("usage: no log, no hub, and no address each have a code of their own", async (t) => {
  const dir = t.testdir();
  t.match(await cli(["topics", "--dir", `${dir}/none`]), { code: 3, err: /LOG_NOT_FOUND/ });
  t.match(await cli(["topics"], { env: { FEDBUS_DIR: `${dir}/none` } }), { code: 3 });
  t.match(await cli(["topics", "--hub", "nowhere"]), { code: 2, err: /ADDRESS_INVALID/ });
  const unreachable = await cli(["topics"], { env: { FEDBUS_HUB: "tcp://127.0.0.1:1" } });
  t.match(unreachable, {
    code: 5,
    err: /no hub is running at tcp:\/\/127\.0\.0\.1:1 .HUB_UNREACHABLE/,
  });
});

t.test("usage: what is refused comes with what to do about it", async (t) => {
  const at = ["--dir", t.testdir(), "--create"];
  const refused: readonly (readonly [line: string[], told: RegExp])[] = [
    [["publish", "a..b", "1", ...at], /TOPIC_INVALID.*\n.*shop\.order\.created/],
    [["publish", "fedbus.x", "1", ...at], /TOPIC_RESERVED.*\n.*does not start with/],
    [["tail", "a.#.b", ...at.slice(0, 2)], /PATTERN_INVALID.*\n.*'shop\.#'/],
  ];
  for (const [line, told] of refused) t.match((await cli(line)).err, told, line.join(" "));
});
