import { type DeadLetter, openDeadLetters } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { showCount, showTime } from "../../render/amounts.js";
import { escapeText, jsonLine } from "../../render/escape.js";
import { table } from "../../render/table.js";
import { given, parseCount } from "../../units.js";

const header = ["OFFSET", "TIME", "CONSUMER", "EVENT", "TOPIC", "ATTEMPTS", "WHY"];
const whyLength = 60;

export const list = command({
  usage: "list [consumer]",
  summary: "List the dead letters that nobody has dealt with",
  positionals: { consumer: { type: "string", describe: "Only of this consumer" } },
  options: { limit: { type: "string", describe: "At most so many, the newest" } },
  examples: [["$0 dlq list speeding", "what it could not handle, and why"]],
  async run({ consumer, limit }, { where, json, out, err }) {
    const most = given(limit, (text) => parseCount("--limit", text, 1)) ?? Number.POSITIVE_INFINITY;
    const all = await withBus(where, ({ bus }) => openDeadLetters(bus, consumer));
    const letters = all.slice(Math.max(0, all.length - most));
    if (json) await out.write(letters.map(jsonLine).join(""));
    else await out.write(table([header, ...letters.map(cells)], [0, 3, 5]));
    if (!json && all.length > 0) await err.line(summaryOf(all, letters.length));
    return exit.ok;
  },
});

/** How many there are of each consumer. */
function summaryOf(all: readonly DeadLetter[], shown: number): string {
  const counts = new Map<string, number>();
  for (const { consumer } of all) counts.set(consumer, (counts.get(consumer) ?? 0) + 1);
  const parts = [...counts].map(([name, count]) => `${escapeText(name)} ${showCount(count)}`);
  const ofThem = shown < all.length ? `, the newest ${showCount(shown)} shown` : "";
  return `dead letters: ${showCount(all.length)}${ofThem} (${parts.join(", ")})`;
}

function cells(letter: DeadLetter): string[] {
  const { offset, recordedAt, consumer, event, timer, topic, attempts, error } = letter;
  const why = error.message.split("\n", 1)[0] ?? "";
  return [
    String(offset),
    showTime(recordedAt),
    consumer,
    event === undefined ? "-" : String(event.offset),
    event?.topic ?? topic ?? (timer === undefined ? "-" : `timer ${timer.key}`),
    attempts === undefined ? "-" : String(attempts),
    why.length > whyLength ? `${why.slice(0, whyLength)}…` : why,
  ];
}
