import type { Tally } from "../input/tally.js";
import { showCount } from "./amounts.js";
import type { Colours } from "./colours.js";
import { escapeText } from "./escape.js";

/** What became of many events, for a person: a line, and one for each reason of refusal. */
export function renderTally(tally: Tally, seconds: number, colours: Colours): string {
  const { accepted, refused, firstOffset, lastOffset } = tally;
  const rate = seconds > 0 ? ` at ${showCount(Math.round(accepted / seconds))}/s` : "";
  const offsets = firstOffset === undefined ? "" : `, offsets ${firstOffset} to ${lastOffset}`;
  const lines = [
    `${colours.green(`${showCount(accepted)} accepted`)}, ${showCount(refused)} refused${offsets}${rate}`,
  ];
  for (const { code, count, message, lines: examples } of tally.reasons) {
    const more = count > examples.length ? " ..." : "";
    lines.push(
      `  ${colours.red(code)} ${showCount(count)} times, in line ${examples.join(", ")}${more}: ${escapeText(message)}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
