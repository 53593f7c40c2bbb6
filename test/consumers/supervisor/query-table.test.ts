import t from "tap";
import { boundedFeed, consumer, queryEntriesMax, Runner } from "../../../consumers/index.js";
import { entryKey, entryPrefix } from "../../../consumers/store/keys.js";
import { StateStore } from "../../../consumers/store/state-store.js";
import { encodeEntry, seal } from "../../../consumers/store/values.js";
import { queryTable } from "../../../consumers/supervisor/query-table.js";
import { busOf } from "../over-log.js";

t.test("query: gives so many entries at most, whatever is asked for", async (t) => {
  const store = await StateStore.open(t.testdir());
  t.teardown(() => store.close());
  const puts = Array.from({ length: queryEntriesMax + 1 }, (_, n) => {
    const key = entryKey(entryPrefix(n % 64, "state") + String(n));
    return {
      type: "put" as const,
      key,
      value: seal(key, encodeEntry(String(n), { value: n, expires: 0 })),
    };
  });
  await store.commit(puts, {});
  const count = async (limit?: number) =>
    (await queryTable(store, { table: "state", ...(limit === undefined ? {} : { limit }) })).length;
  t.equal(await count(7), 7);
  t.equal(await count(queryEntriesMax), queryEntriesMax);
  t.equal(await count(queryEntriesMax + 1), queryEntriesMax);
  t.equal(await count(), queryEntriesMax);
  const first = await queryTable(store, { table: "state", limit: 4 });
  t.same(
    first.map(({ key }) => key),
    ["0", "1", "10", "100"],
    "the first of all groups, in key order",
  );
});

t.test("query: what has expired for the consumer is not shown, swept out or not", async (t) => {
  await using bus = await busOf([
    { topic: "in", msg: "a" },
    { topic: "in", msg: "b", at: 1_000 },
  ]);
  const seen = consumer({
    name: "seen",
    topics: ["in"],
    handle: ({ msg }, { state }) => {
      state.put(msg as string, 1, { ttlMs: 100 });
      state.put(`always ${msg}`, 1);
    },
  });
  const store = await StateStore.open(t.testdir());
  t.teardown(() => store.close());
  const { source } = bus;
  const keysAt = async (to: number): Promise<string[]> => {
    const feed = boundedFeed(source, to);
    await new Runner({ consumer: seen, config: {}, store, source, feed }).run();
    return (await queryTable(store, { table: "state" })).map(({ key }) => key);
  };
  t.same(await keysAt(1), ["a", "always a"]);
  t.same(await keysAt(2), ["always a", "always b", "b"]);
  t.same(await queryTable(store, { table: "state", key: "a" }), []);
});
