import { type DeadLetter, openDeadLetters } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { checkHasLetters } from "../../consumers/letters.js";
import { exit } from "../../exit.js";
import { showCount, showTime } from "../../render/amounts.js";
import { escapeText, jsonLine } from "../../render/escape.js";
import { table } from "../../render/table.js";
import { parseCount } from "../../units.js";

const header = ["OFFSET", "TIME", "CONSUMER", "EVENT", "TOPIC", "ATTEMPTS", "WHY"];
const whyLength = 60;

export const list = command({
  positionals: { consumer: { type: "string", describe: "Only of this consumer" } },
  options: { limit: { type: "string", default: "1000", describe: "At most so many, the newest" } },
  examples: [["$0 dlq list speeding", "what it could not handle, and why"]],
  async run({ consumer, limit }, context) {
    const { where, json, out, err } = context;
    const most = parseCount("--limit", limit, 1);
    const { letters, counts } = await withBus(where, async ({ bus }) => {
      if (consumer !== undefined) await checkHasLetters(bus, consumer, context);
      return await newestOf(openDeadLetters(bus, consumer), most);
    });
    if (json) await out.write(letters.map(jsonLine).join(""));
    else await out.write(table([header, ...letters.map(cells)], [0, 3, 5]));
    if (!json && letters.length > 0) await err.line(summaryOf(counts, letters.length));
    return exit.ok;
  },
});

/** The last ones of all, and how many there are of each consumer. */
async function newestOf(all: AsyncIterable<DeadLetter>, most: number) {
  const letters: DeadLetter[] = [];
  const counts = new Map<string, number>();
  for await (const letter of all) {
    counts.set(letter.consumer, (counts.get(letter.consumer) ?? 0) + 1);
    letters.push(letter);
    // Now and then, for each time moves all that stay.
    if (letters.length >= 2 * most) letters.splice(0, letters.length - most);
  }
  return { letters: letters.slice(Math.max(0, letters.length - most)), counts };
}

function summaryOf(counts: ReadonlyMap<string, number>, shown: number): string {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...counts].map(([name, count]) => `${escapeText(name)} ${showCount(count)}`);
  const ofThem = shown < all ? `, the newest ${showCount(shown)} shown` : "";
  return `dead letters: ${showCount(all)}${ofThem} (${parts.join(", ")})`;
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
