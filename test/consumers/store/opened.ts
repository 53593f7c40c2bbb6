import type { Test } from "tap";
import { StateStore } from "../../../consumers/index.js";
import { StoredTable } from "../../../consumers/store/stored-table.js";

/** What a table sees, set by the test. */
export class Clock {
  group = 0;
  time = 0;
  now = (): number => this.time;
}

/** A new store with a table; it ends with the test. */
export async function opened(t: Test) {
  const dir = t.testdir();
  const store = await StateStore.open(dir);
  t.teardown(() => store.close());
  const scope = new Clock();
  return { dir, store, scope, table: new StoredTable<unknown>(store, scope, "t") };
}
