import type { Reason, Tally } from "../input/tally.js";
import { showCount } from "./amounts.js";
import type { Colours } from "./colours.js";
import { escapeText } from "./escape.js";

/** A rate over fewer events would tell of the start-up, and not of the bus. */
const ratedEventsMin = 1_000;

export interface TallyText {
  readonly colours: Colours;
  /** How long it took, to tell the rate. Default: no rate. */
  readonly seconds?: number;
  /** What the events are numbered by. Default: line. */
  readonly numbered?: "line" | "offset" | "record";
}

/** What became of many events, for a person: a line, and one for each reason of refusal. */
export function renderTally(tally: Tally, options: TallyText): string {
  const { colours, seconds = 0, numbered = "line" } = options;
  const { accepted, refused, firstOffset, lastOffset } = tally;
  if (accepted + refused === 0) return "nothing came in: there was no event\n";
  const isRated = seconds > 0 && accepted >= ratedEventsMin;
  const rate = isRated ? ` at ${showCount(Math.round(accepted / seconds))}/s` : "";
  const offsets = firstOffset === undefined ? "" : `, offsets ${firstOffset} to ${lastOffset}`;
  const lines = [
    `${colours.green(`${showCount(accepted)} accepted`)}, ${showCount(refused)} refused${offsets}${rate}`,
    ...tally.reasons.map((reason) => renderReason(reason, colours, numbered)),
  ];
  return `${lines.join("\n")}\n`;
}

function renderReason(reason: Reason, colours: Colours, numbered: string): string {
  const { code, count, message, lines } = reason;
  const times = count === 1 ? "once" : `${showCount(count)} times`;
  const more = count > lines.length ? " ..." : "";
  const where = `${numbered} ${lines.join(", ")}${more}`;
  return `  ${colours.red(escapeText(code))} ${times}, at ${where}: ${escapeText(message)}`;
}
