import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { StateStore } from "../../../consumers/store/state-store.js";
import { isFedbusError } from "../../../schemas/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";

t.setTimeout(patienceMs);

const keys = 400;
const commits = 60;
const idOf = (key: number): string => `\u0000t\u0000key-${key}`;

const onceOf = (commit: number): string => `\u0000once\u0000${commit}`;

/** Each commit changes a fifth of the entries to its number, adds one, and says so. */
async function fill(dir: string, from: number, to: number): Promise<void> {
  const store = await StateStore.open(dir);
  for (let commit = from; commit < to; commit++) {
    for (let key = commit % 5; key < keys; key += 5)
      store.change(idOf(key), { commit, pad: `${key}`.repeat(10) }, 0);
    store.change(onceOf(commit), commit, 0);
    await store.commit([], { commit });
  }
  await store.close();
}

/** Whether the store is as it was after the commit that it names. */
async function isOneState(store: StateStore): Promise<boolean> {
  const commit = await store.meta<number>("commit");
  if (commit === undefined) return false;
  for (let key = 0; key < keys; key++) {
    const { value } = store.entry(idOf(key));
    const expected = commit - ((((commit - key) % 5) + 5) % 5);
    if ((value as { commit?: number } | undefined)?.commit !== expected) return false;
  }
  for (let once = 0; once < commits; once++) {
    const { value } = store.entry(onceOf(once));
    if (value !== (once <= commit ? once : undefined)) return false;
  }
  return true;
}

async function look(dir: string): Promise<"refused" | "right" | "wrong"> {
  let store: StateStore | undefined;
  try {
    store = await StateStore.open(dir);
    return (await isOneState(store)) ? "right" : "wrong";
  } catch (error) {
    if (isFedbusError(error, "STATE_CORRUPT")) return "refused";
    throw error;
  } finally {
    await store?.close();
  }
}

async function flipAll(t: Test, whole: string, ending: string): Promise<void> {
  const random = seeded(t);
  // Opening moves what is in the write-ahead log into a table: so only copies are opened.
  cpSync(whole, `${whole}-asked`, { recursive: true });
  t.equal(await look(`${whole}-asked`), "right");
  const counts = { refused: 0, right: 0, wrong: 0 };
  const flips = loops("FEDBUS_STORE_FLIPS", 30);
  for (let flip = 0; flip < flips; flip++) {
    const dir = `${whole}-${flip}`;
    cpSync(whole, dir, { recursive: true });
    const names = readdirSync(dir).filter((name) => name.endsWith(ending));
    const paths = names.map((name) => join(dir, name)).filter((path) => statSync(path).size > 0);
    const path = paths[below(random, paths.length)]!;
    const bytes = readFileSync(path);
    bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
    writeFileSync(path, bytes);
    counts[await look(dir)]++;
    rmSync(dir, { recursive: true });
  }
  t.equal(counts.wrong, 0);
  t.ok(counts.refused > 0);
  t.comment(`${flips} flips in ${ending} files: ${JSON.stringify(counts)}`);
}

t.test(
  "state: a flipped bit in a table is refused, and never a state that never was",
  async (t) => {
    const dir = join(t.testdir(), "store");
    for (let part = 0; part < 3; part++) await fill(dir, part * 20, (part + 1) * 20);
    await (await StateStore.open(dir)).close();
    await flipAll(t, dir, ".ldb");
  },
);

t.test(
  "state: a flipped bit in the write-ahead log is refused, or the last commit's",
  async (t) => {
    const dir = join(t.testdir(), "store");
    await fill(dir, 0, commits);
    await flipAll(t, dir, ".log");
  },
);
