import type { Context } from "../../../consumers/index.js";
import { outputTopic, query } from "./query.js";

const topic = outputTopic("q8");
const windowMs = 10_000;

/** Somebody who has registered in the window. */
interface Newcomer {
  readonly name: string;
  readonly isNamed: boolean;
}

/** One for each window and person. */
const keyOf = (start: number, person: number) => `${start} ${person}`;
const people = (context: Context) => context.table<Newcomer>("people");
/** Reserves of auctions whose seller has not registered, in this window. */
const waiting = (context: Context) => context.table<readonly number[]>("waiting");

/**
 * New users: who has registered and opened an auction in the same 10 s? Either may come first. The
 * SQL names each of them once; Beam once an auction, with its reserve.
 */
export default query("q8", (semantics) => {
  const resultsOf = (id: number, name: string, start: number, reserves: readonly number[]) =>
    semantics === "sql"
      ? reserves.slice(0, 1).map(() => ({ id, name, starttime: start }))
      : reserves.map((reserve) => ({ id, name, reserve }));
  return {
    person({ id, name, dateTime }, context) {
      const start = windowOf(dateTime, context);
      const key = keyOf(start, id);
      const reserves = waiting(context).get(key) ?? [];
      people(context).put(key, { name, isNamed: reserves.length > 0 });
      for (const result of resultsOf(id, name, start, reserves)) context.emit(topic, result);
    },
    auction({ seller, reserve, dateTime }, context) {
      const start = windowOf(dateTime, context);
      const key = keyOf(start, seller);
      const person = people(context).get(key);
      if (person === undefined) {
        waiting(context).put(key, [...(waiting(context).get(key) ?? []), reserve]);
        return;
      }
      if (semantics === "sql" && person.isNamed) return;
      people(context).put(key, { ...person, isNamed: true });
      for (const result of resultsOf(seller, person.name, start, [reserve]))
        context.emit(topic, result);
    },
    async timer({ key: start }, context) {
      for (const table of [people(context), waiting(context)]) {
        const keys: string[] = [];
        for await (const [key] of table.range({ prefix: `${start} ` })) keys.push(key);
        for (const key of keys) table.delete(key);
      }
    },
  };
});

/** Where the window of `time` starts. Sees to it that the window is cleared away at its end. */
function windowOf(time: number, { timers }: Context): number {
  const start = time - (time % windowMs);
  timers.set("event", start + windowMs, String(start));
  return start;
}
