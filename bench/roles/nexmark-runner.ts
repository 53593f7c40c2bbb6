import { rm } from "node:fs/promises";
import { eventsOf, LevelLog } from "../../bus/index.js";
import { play } from "../harness/child.js";
import { nexmark } from "../nexmark/generator/generator.js";
import type { QueryName } from "../nexmark/oracle/sql-queries.js";
import { queries } from "../nexmark/queries/index.js";
import { load } from "../nexmark/running/load.js";
import { runQuery } from "../nexmark/running/run-query.js";

/** What a pass over the log has cost. */
export interface Pass {
  /** Of all threads of the process. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

let log: LevelLog | undefined;

async function timed(work: () => Promise<void>): Promise<Pass> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - start };
}

/** Reads and parses what a query subscribes to, and nothing else. */
async function read(source: LevelLog, patterns: readonly string[]): Promise<void> {
  let events = 0;
  for (let from = source.first; from < source.head; ) {
    const { blocks, next } = await source.read({ from, patterns });
    for (const block of blocks) events += eventsOf(block).length;
    from = next;
  }
  if (events === 0) throw new Error("the log has nothing to read");
}

const role = {
  /** Opens the log, and fills it if it is empty. */
  open: async ({ dir, numEvents }: { dir: string; numEvents: number }) => {
    log = await LevelLog.open(dir);
    if (log.head === 0) await load(log, nexmark({ numEvents }));
  },

  /** A query over the whole log, its store in `dir`: first event to last checkpoint. */
  run: async ({ query, dir }: { query: QueryName; dir: string }) => {
    const consumer = queries[query].sql;
    const pass = await timed(() => runQuery({ source: log!, consumer, dir }));
    await rm(dir, { recursive: true });
    return pass;
  },

  /** What the query reads, read and parsed by a loop alone. */
  read: ({ query }: { query: QueryName }) => timed(() => read(log!, queries[query].sql.topics({}))),

  close: () => log!.close(),
};

export type NexmarkRunner = typeof role;
play(role);
