import { join } from "node:path";
import t from "tap";
import { isLocked, openDatabase } from "../../../bus/storage/database.js";

const options = { createIfMissing: true, writeBufferBytes: 1024 * 1024, cacheBytes: 1024 * 1024 };
const key = Buffer.from("key");

t.test("database: what a batch wrote is read at once", async (t) => {
  const database = await openDatabase(join(t.testdir(), "db"), options);
  t.equal(database.getSync(key), undefined);
  const value = Buffer.from([0, 1, 255]);
  await database.batch([{ type: "put", key, value }], { sync: true });
  t.same(database.getSync(key), value);
  await database.batch([{ type: "del", key }], { sync: false });
  t.equal(database.getSync(key), undefined);
  await database.close();
  t.throws(() => database.getSync(key), { code: "LEVEL_DATABASE_NOT_OPEN" });
});

t.test("database: it has one owner, and must be there unless it may be made", async (t) => {
  const dir = join(t.testdir(), "db");
  await t.rejects(openDatabase(dir, { ...options, createIfMissing: false }));
  const database = await openDatabase(dir, options);
  const locked = await openDatabase(dir, options).catch((error: unknown) => error);
  t.ok(isLocked(locked));
  await database.close();
});
