import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { cli, hubUrl, startHub } from "./spawn-cli.js";

const order = { type: "object", properties: { id: { type: "integer" } }, required: ["id"] };

t.test("schema: added, listed, shown, enforced", async (t) => {
  const dir = t.testdir({ "order.json": JSON.stringify(order) });
  const log = join(dir, "log");
  const file = join(dir, "order.json");
  const add = ["schema", "add", file, "--topic", "*.order", "--topic", "order.#", "--dir", log];
  t.match(await cli([...add, "--create"]), { code: 0, out: /^order@1 is registered at offset 0/ });
  t.match(await cli([...add, "--version", "1"]), { code: 0, out: /was registered already/ });
  t.match(await cli([...add, "--json"]), { out: /"name":"order","version":2/ });
  t.match(
    (await cli(["schema", "list", "--dir", log])).out,
    /order@2 +2020-12 .+\*\.order, order\.#/,
  );
  t.match((await cli(["schema", "show", "order@1", "--dir", log])).out, /"required": \[\n {4}"id"/);
  t.match(await cli(["schema", "show", "nope", "--dir", log]), { code: 3, err: /SCHEMA_UNKNOWN/ });
  t.match(await cli(["schema", "show", "order@9", "--dir", log]), { code: 3 });
  const refused = await cli(["publish", "x.order", `{"id":"1"}`, "--dir", log, "--json"]);
  t.equal(refused.code, 1);
  t.match(JSON.parse(refused.err), {
    error: { code: "SCHEMA_VIOLATION", details: { topic: "x.order", pointer: "/id" } },
  });
  t.match(await cli(["publish", "x.order", `{}`, "--dir", log]), {
    err: /SCHEMA_VIOLATION.*\n.*`fedbus schema show order@2`/,
  });
  await cli(["publish", "x.order", `{"id":1}`, "--dir", log]);
  t.match((await cli(["topics", "--dir", log])).out, /x\.order .+ order@2\n/);
  await writeFile(file, `{"type":"nonsense"}`);
  t.match(await cli(add), { code: 1, err: /SCHEMA_INVALID/ });
});

t.test("schema: a new version keeps the topics, and a conflict says what to change", async (t) => {
  const dir = t.testdir({ "a.json": "{}", "b.json": `{"type":"object"}` });
  const add = (...line: string[]) =>
    cli(["schema", "add", ...line, "--dir", "log", "--create"], { cwd: dir });
  await add("b.json", "--name", "x", "--topic", "x.#");
  t.match(await add("a.json", "--name", "x"), { code: 0, out: /^x@2 .*, for x\.#\n$/ });
  const conflict = await add("a.json", "--name", "y", "--topic", "x.#");
  t.match(conflict, { code: 1, err: /SCHEMA_CONFLICT[\s\S]*another pattern[\s\S]*version of x/ });
  const changed = await add("b.json", "--name", "x", "--version", "2");
  t.match(changed, { code: 1, err: /SCHEMA_CONFLICT[\s\S]*under the next version/ });
});

t.test("schema: check needs no log", async (t) => {
  const bodies = `{"id":1}\n{"id":"2"}\n{"topic":"a","msg":{"id":3}}\n{}\nnope\n`;
  const dir = t.testdir({ "order.json": JSON.stringify(order), "bodies.ndjson": bodies });
  t.match(await cli(["schema", "check", "order.json"], { cwd: dir }), { code: 0, out: /usable/ });
  const checked = await cli(["schema", "check", "order.json", "bodies.ndjson", "--json"], {
    cwd: dir,
  });
  t.equal(checked.code, 1);
  t.match(JSON.parse(checked.out), {
    accepted: 2,
    reasons: [
      { code: "SCHEMA_VIOLATION", lines: [2], message: /^\/id / },
      { code: "SCHEMA_VIOLATION", lines: [4] },
      { code: "JSON_INVALID", lines: [5] },
    ],
  });
});

t.test("schema: a new version is checked against the one before and what is stored", async (t) => {
  const narrow = { type: "object", properties: { no: { type: "integer" } }, required: ["no"] };
  const steps = [{ rename: "/id", to: "no" }];
  const dir = t.testdir({
    "order.json": JSON.stringify(order),
    "next.json": JSON.stringify(narrow),
    "up.json": JSON.stringify(steps),
    "up.mjs": "export default ({ id, ...rest }) => ({ no: id, ...rest });",
  });
  const run = (...line: string[]) => cli([...line, "--dir", "log"], { cwd: dir });
  await run("schema", "add", "order.json", "--create");
  await run("publish", "order", `{"id":1}`);
  const next = ["next.json", "--name", "order"];
  const refused = await run("schema", "check", ...next);
  t.match(refused, {
    code: 1,
    out: /order@2, beside version 1 \(backward\): not compatible\n {2}\/no: was optional, now required: events without it are refused\n/,
  });
  t.match(
    refused.out,
    /1 stored events .*: 1 refused, first at 1\n {2}\/ must have "no": once, at 1/,
  );
  const told = await run("schema", "check", ...next, "--with-upcaster", "up.json", "--json");
  t.match(JSON.parse(told.out), { ok: true, archive: { checked: 1, refused: 0 } });
  t.match(await run("schema", "check", ...next, "--with-upcaster", "up.mjs"), { code: 0 });
  t.match(await run("schema", "add", ...next), {
    code: 1,
    err: /SCHEMA_INCOMPATIBLE[\s\S]*schema check/,
  });
  t.match(await run("schema", "add", ...next, "--upcaster", "up.json"), { code: 0 });
  t.match((await run("schema", "at", "1")).out, /^order@1 +0 +order$/m);
  t.match((await run("schema", "at", "3")).out, /^order@2 +2 +order$/m);
  t.match(JSON.parse((await run("schema", "infer", "order", "--to", "2")).out), {
    $comment: "inferred from offsets 1 to 1: in all 1",
    properties: { id: { type: "integer" } },
    required: ["id"],
  });
  t.match(await run("schema", "infer", "nothing"), { code: 2, err: /INPUT_INVALID/ });
  t.match(await run("schema", "at", "9"), { code: 2, err: /OFFSET_INVALID/ });
});

t.test("hub: an address that is refused leaves no log behind", async (t) => {
  const dir = join(t.testdir(), "log");
  const addresses = { "tcp://0.0.0.0:9950": /ADDRESS_REFUSED/, nowhere: /ADDRESS_INVALID/ };
  for (const [address, err] of Object.entries(addresses))
    for (const option of ["--listen", "--broadcast"])
      t.match(await cli(["hub", "--dir", dir, option, address]), { code: 2, err });
  t.notOk(existsSync(dir));
});

t.test("hub: a folder of schemas is registered, and unknown topics may be refused", async (t) => {
  const dir = t.testdir({ schemas: { "order.schema.json": JSON.stringify(order) } });
  const log = join(dir, "log");
  const hub = await startHub(log, [
    "--schemas",
    join(dir, "schemas"),
    "--unknown-topics",
    "refuse",
  ]);
  t.teardown(() => hub.stop());
  t.match(await cli(["publish", "order", `{"id":1}`, "--dir", log]), { code: 0 });
  t.match(await cli(["publish", "other", "1", "--dir", log]), { code: 1, err: /SCHEMA_REQUIRED/ });
  const url = await hubUrl(log);
  const second = await cli(["hub", "--dir", log, "--listen", "tcp://127.0.0.1:0"]);
  t.match(second, { code: 4, err: /LOG_IN_USE/ });
  t.ok(second.err.includes(`--hub ${url}`), "names the hub that has it open");
  await hub.stop();
  const without = await cli(["publish", "other", "1", "--dir", log]);
  t.match(without, { code: 1, err: /SCHEMA_REQUIRED/ }, "without a hub, the log's policy holds");
  t.match((await cli(["log", "info", "--dir", log])).out, /^without schema +refused$/m);
  const again = await startHub(log, ["--unknown-topics", "accept"]);
  t.match(await cli(["publish", "other", "1", "--dir", log]), { code: 0 });
  await again.stop();
  t.match(await cli(["publish", "other", "1", "--dir", log]), { code: 0 });
});

t.test("doctor: tells what is there, as text and as JSON", async (t) => {
  const dir = t.testdir();
  const none = await cli(["doctor", "--dir", join(dir, "log")]);
  t.match(none, { code: 0, out: /^ok {4}node .*\nok {4}zeromq .*\nok {4}level / });
  t.match(none.out, /warn {2}hub .*no hub, and no log/);
  const hub = await startHub(join(dir, "log"));
  t.teardown(() => hub.stop());
  const { findings } = JSON.parse((await cli(["doctor", "--json", "--dir", join(dir, "log")])).out);
  t.match(
    findings.filter((finding: { check: string }) => finding.check === "hub"),
    [{ status: "ok", text: /answers at tcp/ }],
  );
  t.match(
    findings.filter((finding: { check: string }) => finding.check === "signatures"),
    [{ status: "warn", text: /NOT checked/, remedy: /--trust/ }],
  );
  t.match(await cli(["doctor", "--hub", "tcp://127.0.0.1:1"]), { code: 1, out: /fail {2}hub/ });
});
