import type { FieldDifference } from "../field-diff.js";
import type { Difference } from "../report.js";
import { escapeHtml } from "./escape.js";

/** Characters of a value that a report shows. */
const valueLengthMax = 4_000;

/** One difference, with its values side by side. */
export function differenceHtml(difference: Difference): string {
  const { kind, topic, cause, offset } = difference;
  const { key, window } = cause;
  const facts = [
    `caused by <span class="num">#${cause.offset}</span>`,
    ...(key === undefined ? [] : [`key ${escapeHtml(key)}`]),
    ...(window === undefined ? [] : [`window ${windowText(window)}`]),
    ...(offset === undefined ? [] : [`in the log at <span class="num">#${offset}</span>`]),
  ];
  return `<article class="${kind}"><header><b>${kind}</b><code>${escapeHtml(topic)}</code>
<span class="soft">${facts.join(", ")}</span></header>
${kind === "changed" ? changedHtml(difference) : pre(kind === "added" ? difference.new : difference.old)}</article>`;
}

function changedHtml({ fields, old, new: fresh }: Difference): string {
  const rows = fields.map(rowHtml).join("\n");
  return `<table><tr><th>field</th><th>before</th><th>after</th></tr>
${rows}</table>
<details><summary>both in full</summary><div class="sides">${pre(old)}${pre(fresh)}</div></details>`;
}

function rowHtml(field: FieldDifference): string {
  const cell = (name: "old" | "new"): string =>
    name in field
      ? `<code>${escapeHtml(shown(field[name], 0))}</code>`
      : `<span class="soft">not there</span>`;
  return `<tr><td><code>${escapeHtml(field.path)}</code></td><td class="old">${cell("old")}</td><td class="new">${cell("new")}</td></tr>`;
}

function pre(value: unknown): string {
  return `<pre>${escapeHtml(shown(value, 2))}</pre>`;
}

function shown(value: unknown, indent: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? "nothing";
  return text.length <= valueLengthMax ? text : `${text.slice(0, valueLengthMax)} …`;
}

function windowText([start, end]: readonly [number, number]): string {
  return `${timeText(start)} – ${timeText(end)}`;
}

function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().replace(/\.000Z$/, "Z");
}
