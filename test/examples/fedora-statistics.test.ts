import type { Envelope } from "../../schemas/index.js";
import { testExample } from "./example.js";

interface Result {
  readonly key: string;
  readonly window: { readonly start: number };
  readonly [accumulator: string]: unknown;
}

const hourMs = 3_600_000;
const yearMs = 365.25 * 24 * hourMs;
const sources = ["org.fedoraproject.", "org.centos.", "org.release-monitoring.", "io.pagure."];

testExample("fedora-statistics", "fedora", async (t, { input, bodies, table }) => {
  const messages = distinctMessages(input.slice(0, -1));
  const hours = tally(messages, (message) => `${categoryOf(message)} ${startOf(message, hourMs)}`);
  const published = bodies<Result>("fedora.hour");
  const found = published.map(({ key, window, events }) => [`${key} ${window.start}`, events]);
  t.strictSame(new Map(found as [string, number][]), hours, "each category's hours");
  t.equal(published.length, hours.size, "each once");

  t.strictSame(await table("fedora-totals", "categories"), tally(messages, categoryOf));
  const people = tally(messages.filter(userOf), (message) => userOf(message)!);
  t.ok(people.size > 5);
  t.strictSame(await table("fedora-totals", "users"), people);
  const busy = published.map(({ key, window, users }) => [`${key} ${window.start}`, users]);
  for (const [hour, users] of busy as [string, number][]) {
    const own = messages.filter((message) => {
      return `${categoryOf(message)} ${startOf(message, hourMs)}` === hour && userOf(message);
    });
    if (users !== new Set(own.map(userOf)).size) t.fail(`people in ${hour}`);
  }

  const dropped = input.length - 1 - fromSources(input.slice(0, -1), false) - messages.length;
  t.ok(dropped > 0);
  t.strictSame(await table("fedora-facts", "dropped"), new Map([["sent again", dropped]]));
  checkYears(bodies<Result>("fedora.year"), bodies("fedora.package"));

  function checkYears(
    years: readonly Result[],
    named: readonly { readonly at: number; readonly package: string }[],
  ) {
    t.ok(years.length > 0 && named.length > 100, `${named.length} packages`);
    const starts = tally(named, ({ at }) => Math.floor(at / yearMs) * yearMs);
    t.strictSame(
      years.map(({ window }) => window.start),
      [...starts.keys()].sort(),
    );
    for (const { window, packages, top } of years) {
      const own = named.filter(({ at }) => Math.floor(at / yearMs) * yearMs === window.start);
      const counts = [...tally(own, (one) => one.package)];
      t.equal(packages, counts.length);
      const ranked = counts.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 5);
      t.strictSame(
        top,
        ranked.map(([value, count]) => ({ value, count, lacking: 0 })),
      );
    }
  }
});

function fromSources(messages: readonly Envelope[], wanted: boolean): number {
  const isFrom = ({ topic }: Envelope) => sources.some((source) => topic.startsWith(source));
  return messages.filter((message) => isFrom(message) === wanted).length;
}

/** Those of the sources that are read, each once. */
function distinctMessages(messages: readonly Envelope[]): Envelope[] {
  const seen = new Set<unknown>();
  return messages.filter((message) => {
    if (fromSources([message], true) === 0) return false;
    if (message.msg_id === undefined) return true;
    return seen.size < seen.add(message.msg_id).size;
  });
}

function categoryOf({ topic }: Envelope): string {
  return topic.split(".")[3]!;
}

function startOf({ timestamp }: Envelope, sizeMs: number): number {
  return Math.floor(Math.round(timestamp! * 1000) / sizeMs) * sizeMs;
}

function userOf({ msg }: Envelope): string | undefined {
  const body = msg as Record<string, unknown>;
  const commit = body.commit as Record<string, unknown> | undefined;
  for (const one of [body.agent, body.username, body.user, body.owner, commit?.username]) {
    if (typeof one === "string" && one !== "") return one;
    const { username, name } = (one ?? {}) as Record<string, unknown>;
    for (const text of [username, name]) if (typeof text === "string" && text !== "") return text;
  }
  return undefined;
}

function tally<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
