import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import t from "tap";
import { Cli, cli, fixedAddresses, startHub } from "./spawn-cli.js";

const main = fileURLToPath(new URL("../../cli/main.js", import.meta.url));

t.test("tail: live events come as they are published, and Ctrl-C ends it with 0", async (t) => {
  const dir = t.testdir();
  const hub = await startHub(dir);
  t.teardown(() => hub.stop());
  await cli(["publish", "a.old", "1", "--dir", dir]);
  const tail = new Cli([
    "tail",
    "a.#",
    "--where",
    "msg != 3",
    "--fields",
    "topic,msg",
    "--dir",
    dir,
  ]);
  t.teardown(() => tail.stop("SIGKILL"));
  while (!tail.out.includes("a.probe")) await cli(["publish", "a.probe", "0", "--dir", dir]);
  for (const body of ["2", "3", "4"]) await cli(["publish", "a.b", body, "--dir", dir]);
  await cli(["publish", "b.b", "5", "--dir", dir]);
  await tail.until(/a\.b, 4\n/);
  const { code, out, err } = await tail.stop();
  t.match({ code, err }, { code: 0, err: "" });
  t.match(out.replaceAll("a.probe, 0\n", ""), "a.b, 2\na.b, 4\n");
});

t.test("tail: starts anywhere, ends at a limit or without following", async (t) => {
  const dir = t.testdir();
  const hub = await startHub(dir);
  t.teardown(() => hub.stop());
  const input = Array.from({ length: 20 }, (_, n) => `${n}\n`).join("");
  await cli(["publish", "a.b", "--dir", dir], { input });
  const tail = (...line: string[]) => cli(["tail", "--fields", "offset", "--dir", dir, ...line]);
  t.match(await tail("--from", "17", "--limit", "3"), { code: 0, out: "17\n18\n19\n" });
  t.match(await tail("--from", "earliest", "--limit", "2"), { code: 0, out: "0\n1\n" });
  t.match(await tail("--since", "1h", "--limit", "1"), { code: 0, out: "0\n" });
  const all = await tail("--no-follow");
  t.equal(all.out.trimEnd().split("\n").length, 20);
  t.match(await tail("--from", "99", "--no-follow"), { out: "" });
});

t.test("tail: without a hub it shows what is stored, and says so", async (t) => {
  const dir = t.testdir();
  await cli(["publish", "a.b", "1", "--dir", dir, "--create"]);
  const { code, out, err } = await cli(["tail", "--from", "earliest", "--terse", "--dir", dir]);
  t.equal(code, 0);
  t.match(out, /^\d\d:\d\d:\d\d a\.b 1\n$/);
  t.match(err, /No hub is running/);
  t.match(await cli(["tail", "--fields", "offset", "--dir", dir]), { code: 0, out: "0\n" });
  t.match(await cli(["tail", "--from", "live", "--dir", dir]), { code: 0, out: "" });
});

t.test("tail: a reader that leaves ends it quietly, as `head` does", async (t) => {
  const dir = t.testdir();
  const input = Array.from({ length: 20_000 }, (_, n) => `{"n":${n},"text":"some more bytes"}\n`);
  await cli(["publish", "a.b", "--dir", dir, "--create"], { input: input.join("") });
  for (const line of ["tail --no-follow", "query --json", "replay", "log export", "topics"]) {
    const command = `"${process.execPath}" "${main}" ${line} --dir "${dir}" | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const shell = spawn("bash", ["-c", command], {
      env: { ...process.env, NO_COLOR: "1" },
    });
    let out = "";
    let err = "";
    shell.stdout.on("data", (data) => (out += data));
    shell.stderr.on("data", (data) => (err += data));
    await once(shell, "close");
    t.match({ out, err }, { out: /^.+\n0\n$/, err: "" }, line);
  }
});

t.test("tail: a hub that goes away and comes back loses nothing", async (t) => {
  const dir = t.testdir();
  const listen = await fixedAddresses();
  const first = await startHub(dir, listen);
  const tail = new Cli(["tail", "a.#", "--from", "earliest", "--fields", "msg", "--dir", dir]);
  t.teardown(() => tail.stop("SIGKILL"));
  await cli(["publish", "a.b", "1", "--dir", dir]);
  await tail.until(/^1\n/);
  await first.stop("SIGKILL");
  const second = await startHub(dir, listen);
  t.teardown(() => second.stop());
  await cli(["publish", "a.b", "2", "--dir", dir]);
  await tail.until(/^1\n2\n/);
  t.match(await tail.stop(), { code: 0, out: "1\n2\n" });
});
