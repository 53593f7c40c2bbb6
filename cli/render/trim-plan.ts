import type { TrimPlan } from "../../bus/index.js";
import { showBytes, showCount } from "./amounts.js";
import { table } from "./table.js";

/** Topics shown to a person; `--json` has more. */
const topicsMax = 20;

/** What a trim would remove, for a person. */
export function renderTrimPlan({ removed, bytes, first, topicCount, topics }: TrimPlan): string {
  const events = `${showCount(removed)} events (${showBytes(bytes)} of JSON)`;
  const summary = `${events} would go, from ${showCount(topicCount)} topics; the first offset would be ${first}\n`;
  if (topics.length === 0) return summary;
  const shown = topics.slice(0, topicsMax);
  const rows = shown.map(({ topic, count, bytes }) => [topic, showCount(count), showBytes(bytes)]);
  const more = topicCount - shown.length;
  const rest = more > 0 ? `and ${showCount(more)} topics more, which lose less\n` : "";
  return `${summary}\n${table([["TOPIC", "EVENTS", "SIZE"], ...rows], [1, 2])}${rest}`;
}
