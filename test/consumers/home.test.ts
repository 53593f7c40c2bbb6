import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { homeOf } from "../../consumers/index.js";

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
  mkdirSync(join(home.dir, "current.json"), { recursive: true });
  await t.rejects(home.current(), { code: "EISDIR" });
  await t.rejects(home.registration(), { code: "EISDIR" });
});

t.test("home: what was last run is read whole, or not at all", async (t) => {
  const { home } = homeOf(t.testdir(), "a");
  t.equal(await home.registration(), undefined);
  const whole = { path: "/a.js", version: "1", config: {}, startAt: 7, paused: false };
  await home.register(whole);
  t.same(await home.registration(), whole);
  t.same(await home.current(), { generation: 1, parallelism: 1, registration: whole });
  const path = join(home.dir, "current.json");
  const others = Object.keys(whole)
    .filter((name) => name !== "config")
    .map((name) => ({ ...whole, [name]: null }));
  for (const registration of [...others, null, 7, []]) {
    const text = JSON.stringify({ format: 1, generation: 1, parallelism: 1, registration });
    writeFileSync(path, text);
    await t.rejects(home.registration(), { code: "STATE_CORRUPT", details: { path } }, text);
  }
});

t.test("home: processes that begin at once do not write into one file", async (t) => {
  const { home } = homeOf(t.testdir(), "a");
  const first = { generation: 1, parallelism: 3 };
  for (let round = 0; round < 20; round++)
    await Promise.all(Array.from({ length: 5 }, () => home.switchTo(first)));
  t.same(await home.current(), first);
  t.same(readdirSync(home.dir), ["current.json"], "and nothing is left");
});
