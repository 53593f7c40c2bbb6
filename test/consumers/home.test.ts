import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { homeOf, readRegistration } from "../../consumers/index.js";

const broken = ["", "{", "null", "[]", "7", "{}"];

t.test("home: what counts is read whole, or not at all", async (t) => {
  const { home } = homeOf(t.testdir(), "a");
  t.equal(await home.current(), undefined, "it has never run");
  await home.switchTo({ generation: 3, parallelism: 2 });
  t.same(await home.current(), { generation: 3, parallelism: 2 });
  const path = join(home.dir, "current.json");
  const others = [`{"format":1,"generation":1}`, `{"format":2,"generation":1,"parallelism":1}`];
  for (const text of [...broken, ...others]) {
    writeFileSync(path, text);
    await t.rejects(home.current(), { code: "STATE_CORRUPT", details: { path } }, text);
  }
});

t.test("home: what cannot be read just now is not taken for missing", async (t) => {
  const { home } = homeOf(t.testdir(), "a");
  for (const file of ["current.json", "consumer.json"])
    mkdirSync(join(home.dir, file), { recursive: true });
  await t.rejects(home.current(), { code: "EISDIR" });
  await t.rejects(readRegistration(home), { code: "EISDIR" });
});

t.test("home: what was last run is read whole, or not at all", async (t) => {
  const { home } = homeOf(t.testdir(), "a");
  t.equal(await readRegistration(home), undefined);
  mkdirSync(home.dir, { recursive: true });
  const path = join(home.dir, "consumer.json");
  const whole = { path: "/a.js", version: "1", config: {}, startAt: 7, paused: false };
  writeFileSync(path, JSON.stringify(whole));
  t.same(await readRegistration(home), whole);
  const others = Object.keys(whole)
    .filter((name) => name !== "config")
    .map((name) => JSON.stringify({ ...whole, [name]: null }));
  for (const text of [...broken, ...others]) {
    writeFileSync(path, text);
    await t.rejects(readRegistration(home), { code: "STATE_CORRUPT", details: { path } }, text);
  }
});
