import { type DeadLetter, openDeadLetters } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { showTime } from "../../render/amounts.js";
import { jsonLine } from "../../render/escape.js";
import { table } from "../../render/table.js";

const header = ["OFFSET", "TIME", "CONSUMER", "EVENT", "TOPIC", "ATTEMPTS", "WHY"];
const whyLength = 60;

export const list = command({
  usage: "list [consumer]",
  summary: "List the dead letters that nobody has dealt with",
  positionals: { consumer: { type: "string", describe: "Only of this consumer" } },
  options: {},
  examples: [["$0 dlq list speeding", "what it could not handle, and why"]],
  async run({ consumer }, { where, json, out }) {
    const letters = await withBus(where, ({ bus }) => openDeadLetters(bus, consumer));
    if (json) await out.write(letters.map(jsonLine).join(""));
    else await out.write(table([header, ...letters.map(cells)], [0, 3, 5]));
    return exit.ok;
  },
});

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
