import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { cli, hubUrl, startHub } from "./spawn-cli.js";

async function logOf(dir: string, count: number): Promise<string> {
  const log = join(dir, "log");
  const input = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join("");
  await cli(["publish", "a.b", "--dir", log, "--create"], { input });
  return log;
}

t.test("log: info, verify and topics agree, with a hub and without", async (t) => {
  const dir = await logOf(t.testdir(), 5);
  const look = async () => {
    const info = JSON.parse((await cli(["log", "info", "--dir", dir, "--json"])).out);
    t.match(info, { first: 0, head: 5, log: { events: 5, topics: 1 } });
    const verified = await cli(["log", "verify", "--dir", dir, "--json"]);
    t.equal(verified.code, 0);
    t.match(JSON.parse(verified.out), { events: 5, damaged: [] });
    const topics = await cli(["topics", "a.#", "--dir", dir, "--json"]);
    t.match(JSON.parse(topics.out), { topic: "a.b", count: 5, firstOffset: 0, schema: null });
    return info.hub as string | null;
  };
  t.equal(await look(), null);
  const hub = await startHub(dir);
  t.equal(await look(), await hubUrl(dir));
  const table = await cli(["topics", "--hub", await hubUrl(dir)]);
  t.match(table.out, /TOPIC +EVENTS +SIZE +FIRST +LAST +SCHEMA\na\.b +5 +.+ 0 +4 +-\n/);
  t.match(await cli(["log", "repair", "--dir", dir]), { code: 4, err: /LOG_IN_USE.*\n.*end that/ });
  t.match(await hub.stop("SIGTERM"), { code: 0 });
});

t.test("log: verify and backup tell of blobs, and of damaged ones by name", async (t) => {
  const dir = await logOf(t.testdir(), 1);
  const names = ["good", "bad"].map((text) => createHash("sha256").update(text).digest("hex"));
  await mkdir(join(dir, "blobs"));
  for (const name of names) await writeFile(join(dir, "blobs", name), "good");
  const verified = await cli(["log", "verify", "--dir", dir]);
  t.match(verified, { code: 6, out: /blobs: 2, 4 B of them whole\n.*damaged: blob / });
  t.ok(verified.out.includes(names[1]!));
  const target = join(dir, "backup");
  const backup = await cli(["log", "backup", target, "--dir", dir]);
  t.match(backup, { code: 6, out: /blobs: 1 copied .*\ndamaged, and not in the backup: blob / });
  t.match(await cli(["log", "verify", "--dir", target]), { code: 0, out: /blobs: 1, 4 B/ });
});

t.test("log: an export imports into another log, byte for byte", async (t) => {
  const dir = t.testdir();
  const events = join(dir, "events.ndjson");
  const schema = join(dir, "order.json");
  await writeFile(schema, `{"type":"object","required":["id"]}`);
  await writeFile(events, `{"topic":"order", "msg":{"id":1.0}}\n{"msg":[],"topic":"b"}\n`);
  const first = join(dir, "first");
  const second = join(dir, "second");
  await cli(["schema", "add", schema, "--dir", first, "--create"]);
  await cli(["publish", "--envelopes", "--file", events, "--dir", first]);
  const file = join(dir, "export.ndjson");
  t.match(await cli(["log", "export", "--output", file, "--dir", first]), { code: 0 });
  t.match(await cli(["log", "export", "--output", file, "--dir", first]), { code: 2 });
  const imported = await cli(["log", "import", file, "--dir", second, "--json"]);
  t.match(imported, { code: 0 });
  t.match(JSON.parse(imported.out), { accepted: 2, refused: 0, firstOffset: 1, lastOffset: 2 });
  const eventsOf = async (log: string) => {
    const { out } = await cli(["log", "export", "--dir", log]);
    return out
      .split("\n")
      .slice(1)
      .map((line) => line.replace(/"recordedAt":\d+/, ""));
  };
  t.same(await eventsOf(second), await eventsOf(first));
  await appendFile(file, `{"topic":"b","msg":1}\n`);
  const again = await cli(["log", "import", file, "--dir", second, "--json"]);
  t.equal(again.code, 1);
  t.match(JSON.parse(again.out), { refused: 1, reasons: [{ code: "INPUT_INVALID", lines: [4] }] });
});

t.test("log: trim, backup and repair", async (t) => {
  const root = t.testdir();
  const dir = await logOf(root, 10);
  t.match(await cli(["log", "trim", "--dir", dir]), { code: 2, err: /--keep-age/ });
  const backup = ["log", "backup", join(root, "copy"), "--dir", dir];
  t.match(await cli(backup), { code: 0, out: /10 offsets copied, 0 up to 10/ });
  await cli(["publish", "a.b", "1", "--dir", dir]);
  t.match(await cli([...backup, "--json"]), { code: 0, out: /"from":10,"head":11/ });
  t.match(await cli(["log", "verify", "--dir", join(root, "copy")]), { code: 0, out: /^intact/ });
  t.match(await cli(["log", "backup", root, "--dir", dir]), { code: 4, err: /LOG_EXISTS/ });
  const trim = ["log", "trim", "--before", "10", "--dir", dir];
  const hub = await startHub(dir);
  const planned = await cli([...trim, "--dry-run", "--json"]);
  t.match(await hub.stop("SIGTERM"), { code: 0 });
  t.equal(planned.code, 0);
  t.match(JSON.parse(planned.out), {
    removed: 10,
    first: 10,
    topicCount: 1,
    topics: [{ topic: "a.b", count: 10 }],
  });
  t.match(await cli([...trim, "--dry-run"]), {
    code: 0,
    out: /^10 events .* would go, from 1 topics; the first offset would be 10\n\nTOPIC +EVENTS +SIZE\na\.b +10 /,
  });
  const trimmed = await cli([...trim, "--json"]);
  t.match(trimmed, { code: 0, out: /^\{"removed":10,"first":10\}\n$/ });
  t.match(await cli(["query", "--from", "3", "--dir", dir]), { code: 3, err: /LOG_TRUNCATED/ });
  t.match(await cli(["log", "repair", "--dir", dir]), { code: 0, out: /^repaired/ });
  t.match(await cli(["query", "--fields", "offset", "--dir", dir]), { out: "10\n" });
});

t.test("log: damage is found and located", async (t) => {
  const dir = await logOf(t.testdir(), 200);
  const { readdir } = await import("node:fs/promises");
  const blocks = join(dir, "blocks");
  const [wal = ""] = (await readdir(blocks)).filter((name) => name.endsWith(".log"));
  const bytes = await readFile(join(blocks, wal));
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(join(blocks, wal), bytes);
  const { code, err } = await cli(["log", "verify", "--dir", dir]);
  t.equal(code, 6);
  t.match(err, /LOG_CORRUPT/);
  t.match(err, /fedbus log repair/);
  t.notMatch(err, /fedbus log verify/);
});

t.test("log: what was lost for good is left out of what is read, and told", async (t) => {
  const dir = await logOf(t.testdir(), 20);
  const { readdir } = await import("node:fs/promises");
  const blocks = join(dir, "blocks");
  const [wal = ""] = (await readdir(blocks)).filter((name) => name.endsWith(".log"));
  const bytes = await readFile(join(blocks, wal));
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(join(blocks, wal), bytes);
  t.match(await cli(["log", "repair", "--dir", dir]), {
    code: 1,
    out: /lost for good: 0 up to 20/,
  });
  await cli(["publish", "a.b", "7", "--dir", dir]);
  const commands = [
    "log export",
    "replay",
    "query",
    "query --order desc --limit 2",
    "tail --from earliest --no-follow",
  ];
  for (const command of commands) {
    const { code, out, err } = await cli([...command.split(" "), "--dir", dir]);
    t.match({ code, err }, { code: 1, err: /^Offsets 0 up to 20 are damaged or lost/ }, command);
    t.match(out, /^[^\n]*7\}*\n$/, command);
  }
  const { err } = await cli(["query", "--dir", dir, "--json"]);
  t.match(JSON.parse(err), { warning: { code: "LOG_CORRUPT", details: { from: 0, to: 20 } } });
  const hub = await startHub(dir);
  t.teardown(() => hub.stop());
  const tail = ["tail", "--from", "earliest", "--limit", "1", "--fields", "msg", "--dir", dir];
  t.match(await cli(tail), { code: 1, out: "7\n", err: /^Offsets 0 up to 20/ });
});

t.test("log: offsets that the log has not come to are told", async (t) => {
  const dir = await logOf(t.testdir(), 3);
  const past = ["log trim --before 4", "query --from 4", "replay --from 4", "log export --from 4"];
  for (const line of [...past, "tail --no-follow --from 4", "query --from 2 --to 1"])
    t.match(
      await cli([...line.split(" "), "--dir", dir]),
      { code: 2, err: /OFFSET_INVALID/ },
      line,
    );
  t.match(await cli(["query", "--from", "3", "--dir", dir]), { code: 0, out: "", err: "" });
  t.match(await cli(["log", "trim", "--before", "3", "--dir", dir]), {
    code: 0,
    out: /^3 removed/,
  });
});

t.test(
  "replay: what came before a schema goes before it, and a conflict ends nothing",
  async (t) => {
    const root = t.testdir();
    const dir = join(root, "log");
    const schema = join(root, "order.json");
    await writeFile(schema, `{"required":["id"]}`);
    await cli(["publish", "order", `{"old":1}`, "--dir", dir, "--create"]);
    await cli(["schema", "add", schema, "--dir", dir]);
    await cli(["publish", "order", `{"id":1}`, "--dir", dir]);
    const other = join(root, "other");
    const hub = await startHub(other);
    t.teardown(() => hub.stop());
    const to = ["replay", "--to-hub", await hubUrl(other), "--dir", dir, "--json"];
    t.match(JSON.parse((await cli(to)).out), { accepted: 2, refused: 0, reasons: [] });
    await writeFile(schema, `{"required":["other"]}`);
    const third = join(root, "third");
    await cli(["schema", "add", schema, "--dir", third, "--create"]);
    const conflicting = await startHub(third);
    t.teardown(() => conflicting.stop());
    const again = await cli(["replay", "--to-hub", await hubUrl(third), "--dir", dir, "--json"]);
    t.equal(again.code, 1);
    t.match(JSON.parse(again.out), { accepted: 0, refused: 3 });
    t.match(again.out, /"code":"SCHEMA_CONFLICT",[^}]+"lines":\[1\]/);
  },
);

t.test("replay: to a file, at a pace, and to another hub byte for byte", async (t) => {
  const root = t.testdir();
  const dir = await logOf(root, 3);
  const file = join(root, "replayed.ndjson");
  t.match(await cli(["replay", "--to-file", file, "--dir", dir]), { code: 0, out: "" });
  const { out } = await cli(["replay", "--dir", dir, "--speed", "original"]);
  t.equal(out, await readFile(file, "utf8"));
  t.match(await cli(["replay", "--to-file", file, "--dir", dir]), {
    code: 2,
    err: /exists already/,
  });
  const other = join(root, "other");
  const hub = await startHub(other);
  t.teardown(() => hub.stop());
  const to = ["replay", "--to-hub", await hubUrl(other), "--dir", dir, "--json"];
  t.match(JSON.parse((await cli(to)).out), { accepted: 3, refused: 0 });
  t.equal((await cli(["replay", "--dir", other])).out, out);
});
