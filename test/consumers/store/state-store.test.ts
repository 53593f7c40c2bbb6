import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import t from "tap";
import { StateStore, type Table } from "../../../consumers/index.js";
import { StoredTable } from "../../../consumers/store/stored-table.js";
import { below, seeded } from "../../bus/seed.js";
import { Clock, opened } from "./opened.js";

async function all(table: Table, options = {}): Promise<(readonly [string, unknown])[]> {
  const entries: (readonly [string, unknown])[] = [];
  for await (const entry of table.range(options)) entries.push(entry);
  return entries;
}

t.test("state: what was committed is there after opening again, and nothing else", async (t) => {
  const dir = t.testdir();
  const scope = new Clock();
  const first = await StateStore.open(dir);
  const table = new StoredTable<unknown>(first, scope, "t");
  table.put("kept", { a: [1, "x"] });
  table.put("gone", 1);
  await first.commit([], { note: 7 });
  table.delete("gone");
  await first.commit([], {});
  table.put("late", 1);
  await first.close();
  const second = await StateStore.open(dir, { create: false });
  t.same(await all(new StoredTable(second, scope, "t")), [["kept", { a: [1, "x"] }]]);
  t.equal(await second.meta("note"), 7);
  t.equal(await second.meta("none"), undefined);
  await second.close();
});

t.test("state: a discarded change was never made, and changes during a commit count", async (t) => {
  const { store, table } = await opened(t);
  table.put("a", 1);
  const committing = store.commit([], {});
  table.put("a", 2);
  t.equal(table.get("a"), 2);
  await committing;
  await store.discard();
  t.equal(table.get("a"), 1);
});

t.test("state: entries end with the log's time, and groups do not see each other", async (t) => {
  const { scope, table } = await opened(t);
  table.put("a", 1, { ttlMs: 10 });
  scope.time = 9;
  t.equal(table.get("a"), 1);
  scope.time = 10;
  t.equal(table.get("a"), undefined);
  t.same(await all(table), []);
  scope.group = 5;
  scope.time = 0;
  t.equal(table.get("a"), undefined);
});

const key = fc.constantFrom("a", "a1", "b", "é", "\u{1F600}", "\uFFFD", "zz");
const value = fc.jsonValue().map((json) => JSON.parse(JSON.stringify(json)) as unknown);
const step = fc.oneof(
  fc.record({ put: key, value }),
  fc.record({ drop: key }),
  fc.record({ prefix: fc.constantFrom("", "a", "z"), reverse: fc.boolean(), limit: fc.nat(4) }),
  fc.constant({ commit: true }),
);

t.test("state: a table is the same as a map, whatever is cached or committed", async (t) => {
  const root = t.testdir();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const options = { durable: false, cacheBytesMax: 1 };
      const store = await StateStore.open(join(root, `${runs++}`), options);
      const table = new StoredTable<unknown>(store, new Clock(), "t");
      const model = new Map<string, unknown>();
      for (const one of steps) {
        if ("put" in one) {
          table.put(one.put, one.value);
          model.set(one.put, one.value);
        } else if ("drop" in one) {
          table.delete(one.drop);
          model.delete(one.drop);
        } else if ("commit" in one) await store.commit([], {});
        else t.strictSame(await all(table, one), rangeOf(model, one));
        for (const [name, expected] of model) t.strictSame(table.get(name), expected);
      }
      await store.close();
    }),
    { numRuns: 60 },
  );
});

function rangeOf(
  model: ReadonlyMap<string, unknown>,
  options: { readonly prefix: string; readonly reverse: boolean; readonly limit: number },
): [string, unknown][] {
  const entries = [...model]
    .filter(([name]) => name.startsWith(options.prefix))
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (options.reverse) entries.reverse();
  return entries.slice(0, options.limit);
}

t.test("state: what cannot be kept is refused", async (t) => {
  const { store, table, scope } = await opened(t);
  const refused = { code: "STATE_INVALID" };
  t.throws(() => table.put("k", undefined), refused);
  t.throws(() => table.put("k".repeat(4097), 1), refused);
  table.put("k".repeat(4096), 1);
  t.throws(() => table.put("\ud800", 1), refused);
  t.throws(() => new StoredTable(store, scope, "no spaces"), refused);
  table.put("f", () => 1);
  await t.rejects(store.commit([], {}), refused);
});

t.test(
  "state: what JSON would make something else of is refused, and where it lies told",
  async (t) => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const odd: [unknown, RegExp][] = [
      [Number.NaN, /NaN/],
      [{ a: [1, Number.POSITIVE_INFINITY] }, /Infinity at 1 in "a"/],
      [new Date(0), /a Date/],
      [{ seen: new Set([1]) }, /a Set in "seen"/],
      [[undefined], /undefined at 0/],
      [{ f: () => 1 }, /a function in "f"/],
      [1n, /a bigint/],
      [cyclic, /JSON cannot write/],
    ];
    for (const [value, message] of odd) {
      const { store, table } = await opened(t);
      table.put("k", value);
      await t.rejects(store.commit([], {}), {
        code: "STATE_INVALID",
        message,
        details: { key: "k" },
      });
      await store.close();
    }
    const { store, table } = await opened(t);
    for (const value of [null, -0, "\ud800", [[], {}], { a: undefined, b: 1 }]) {
      table.put("k", value);
      await store.commit([], {});
      await store.discard();
      t.same(table.get("k"), JSON.parse(JSON.stringify(value)));
    }
  },
);

t.test("state: a key that is no Unicode is nobody's, and times to live are checked", async (t) => {
  const { store, table, scope } = await opened(t);
  table.put("\ufffd", "replaced");
  await store.commit([], {});
  await store.discard();
  t.equal(table.get("\ud800"), undefined);
  table.delete("\ud800");
  await store.commit([], {});
  await store.discard();
  t.equal(table.get("\ufffd"), "replaced");
  for (const ttlMs of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    t.throws(() => table.put("k", 1, { ttlMs }), { code: "STATE_INVALID" });
  table.put("k", 1, { ttlMs: 0.5 });
  await store.commit([], {});
  await store.discard();
  t.equal(table.get("k"), 1);
  scope.time = 1;
  t.equal(table.get("k"), undefined);
});

t.test(
  "state: what two commits write at once is read from memory until it is on disk",
  async (t) => {
    const store = await StateStore.open(t.testdir(), { cacheBytesMax: 1 });
    t.teardown(() => store.close());
    const table = new StoredTable<number>(store, new Clock(), "t");
    const random = seeded(t);
    const model = new Map<string, number>();
    const commits: Promise<void>[] = [];
    let stale = 0;
    for (let round = 0; round < 3_000; round++) {
      const key = `${below(random, 200)}`;
      table.put(key, round);
      model.set(key, round);
      if (below(random, 4) === 0) commits.push(store.commit([], {}));
      if (below(random, 4) === 0) await setImmediate();
      const other = `${below(random, 200)}`;
      if (table.get(other) !== model.get(other)) stale++;
    }
    t.equal(stale, 0);
    await Promise.all(commits);
  },
);

t.test("state: it says when its memory is full, of what is only written too", async (t) => {
  const store = await StateStore.open(t.testdir(), { durable: false, cacheBytesMax: 1_000_000 });
  t.teardown(() => store.close());
  const table = new StoredTable<string>(store, new Clock(), "t");
  const large = "x".repeat(10_000);
  let key = 0;
  const putUntilFull = (): number => {
    const before = key;
    while (!store.isFull && key < 10_000) table.put(`${key++}`, large);
    return key - before;
  };
  for (let count = 0; count < 5; count++) table.put(`${key++}`, large);
  await store.commit([], {});
  t.ok(putUntilFull() < 20);
  await store.commit([], {});
  t.notOk(store.isFull);
  t.ok(putUntilFull() < 20);
});

t.test("state: a store is one process's, and not made over what is left of another", async (t) => {
  const { dir, store, table } = await opened(t);
  await t.rejects(StateStore.open(dir), { code: "STATE_IN_USE" });
  await t.rejects(StateStore.open(join(dir, "none"), { create: false }), {
    code: "STATE_NOT_FOUND",
  });
  table.put("a", 1);
  await store.commit([], {});
  await store.close();
  await rm(join(dir, "CURRENT"));
  await t.rejects(StateStore.open(dir), { code: "STATE_CORRUPT" });
});

t.test("state: a flipped bit on the disk is noticed; a closed store takes no more", async (t) => {
  const dir = t.testdir();
  const store = await StateStore.open(dir);
  const table = new StoredTable<string>(store, new Clock(), "t");
  table.put("k", "a value that no compression makes smaller 8c1f");
  await store.commit([], {});
  await store.close();
  table.put("k", "more");
  await t.rejects(store.commit([], {}), { code: "STATE_WRITE_FAILED" });
  // Opening moves the write-ahead log, which LevelDB checks, into a table, which it does not.
  await (await StateStore.open(dir)).close();
  // Opening looks at the files: this happens after that.
  const damaged = await StateStore.open(dir);
  t.teardown(() => damaged.close());
  let flipped = 0;
  for (const name of (await readdir(dir)).filter((file) => file.endsWith(".ldb"))) {
    const bytes = await readFile(join(dir, name));
    const at = bytes.indexOf("compression");
    if (at < 0) continue;
    bytes[at]! ^= 1;
    flipped++;
    await writeFile(join(dir, name), bytes);
  }
  t.equal(flipped, 1);
  const after = new StoredTable(damaged, new Clock(), "t");
  t.throws(() => after.get("k"), { code: "STATE_CORRUPT" });
});
