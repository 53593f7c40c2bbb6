import { type Difference, hasDifferences, type WhatIfReport } from "../../replay/index.js";
import { showCount, showTime } from "../render/amounts.js";
import type { Colours } from "../render/colours.js";
import { escapeText } from "../render/escape.js";
import { table } from "../render/table.js";

/** Characters of a value in a line. */
const valueLengthMax = 200;
const signs = { added: "+", dropped: "-", changed: "~" } as const;

/** A comparison as text. */
export function whatIfText(report: WhatIfReport, colours: Colours): string {
  const { totals, differences, fields, notes, against, consumer, range } = report;
  const title = `${escapeText(consumer.name)} (version ${escapeText(consumer.version)}) against ${escapeText(against)}`;
  const lines = [
    `${colours.bold(title)}: outputs caused by offsets ${range.from} to ${range.to}`,
    ...notes.map((note) => colours.yellow(`note: ${escapeText(note)}`)),
    ...(differences.length === 0 ? [] : ["", ...differences.flatMap(linesOf(colours))]),
    "",
  ];
  const counts = (["same", "added", "dropped", "changed"] as const).map((kind) => [
    kind,
    showCount(totals[kind]),
  ]);
  const byField = fields.slice(0, 20).map(({ name, count }) => [`  ${name}`, showCount(count)]);
  const different = totals.added + totals.dropped + totals.changed;
  const many = different === 1 ? "1 output differs" : `${showCount(different)} outputs differ`;
  const verdict = hasDifferences(report) ? many : "no output differs";
  return `${lines.join("\n")}\n${table([...counts, ...byField], [1])}${colours.bold(verdict)}\n`;
}

function linesOf(colours: Colours): (difference: Difference) => string[] {
  const paint = { added: colours.green, dropped: colours.red, changed: colours.yellow };
  return (difference) => {
    const { kind, topic, cause, offset, fields } = difference;
    const { key, window } = cause;
    const facts = [
      `by #${cause.offset}`,
      ...(key === undefined ? [] : [`key ${escapeText(key)}`]),
      ...(window === undefined ? [] : [`window ${window.map(showTime).join(" to ")}`]),
      ...(offset === undefined ? [] : [`in the log at #${offset}`]),
    ].join(", ");
    const head = `${paint[kind](`${signs[kind]} ${escapeText(topic)}`)} ${colours.dim(facts)}`;
    if (kind === "changed")
      return [
        head,
        ...fields.map(
          (field) =>
            `    ${escapeText(field.path)}: ${colours.red(valueText(field, "old"))} → ${colours.green(valueText(field, "new"))}`,
        ),
      ];
    return [head, `    ${valueText(difference, kind === "added" ? "new" : "old")}`];
  };
}

function valueText(of: { readonly old?: unknown; readonly new?: unknown }, side: "old" | "new") {
  if (!(side in of)) return "nothing";
  const text = JSON.stringify(of[side]) ?? "nothing";
  return escapeText(text.length <= valueLengthMax ? text : `${text.slice(0, valueLengthMax)}…`);
}
