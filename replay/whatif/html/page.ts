import { type Histogram, hasDifferences, type Totals, type WhatIfReport } from "../report.js";
import { differenceHtml } from "./differences.js";
import { escapeHtml } from "./escape.js";
import { style } from "./style.js";

const kinds = ["same", "changed", "added", "dropped"] as const;
/** Rows of a histogram that are shown. */
const rowsMax = 30;

/** The report as one HTML page that needs nothing else, and runs no script. */
export function whatIfHtml(report: WhatIfReport): string {
  const { consumer, against, range, totals, fields, topics, notes } = report;
  const title = `What if: ${consumer.name} ${consumer.version} against ${against}`;
  const verdict = hasDifferences(report) ? "The outputs differ." : "The outputs are the same.";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${verdict}</h1>
<p class="soft"><b>${escapeHtml(consumer.name)}</b> ${escapeHtml(consumer.version)} against
<b>${escapeHtml(against)}</b>: outputs caused by offsets <span class="num">${range.from}</span> to
<span class="num">${range.to}</span>.</p>
${totalsHtml(totals)}
${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join("\n")}
${histogramHtml("Changed fields", fields, "changed")}
${histogramHtml("Topics with differences", topics, "same")}
${sampleHtml(report)}
<footer>Not compared: msg_id, timestamp, i, and the version in the cause.</footer>
</body>
</html>
`;
}

function totalsHtml(totals: Totals): string {
  const cards = kinds.map(
    (kind) => `<div class="${kind}"><b>${amount(totals[kind])}</b><span>${kind}</span></div>`,
  );
  const parts = kinds
    .filter((kind) => totals[kind] > 0)
    .map((kind) => `<i class="${kind}" style="flex: ${totals[kind]}"></i>`);
  return `<section class="totals">${cards.join("")}</section><div class="bar">${parts.join("")}</div>`;
}

function histogramHtml(title: string, rows: Histogram, kind: string): string {
  if (rows.length === 0) return "";
  const most = rows[0]!.count;
  const lines = rows.slice(0, rowsMax).map(
    ({ name, count }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td class="num">${amount(count)}</td>
<td><div class="bar"><i class="${kind}" style="width: ${((count / most) * 100).toFixed(2)}%"></i></div></td></tr>`,
  );
  const left = rows.length - rowsMax;
  const more = left > 0 ? `<p class="soft">and ${left} more</p>` : "";
  return `<h2>${title}</h2><table class="histogram">${lines.join("\n")}</table>${more}`;
}

function sampleHtml({ totals, differences }: WhatIfReport): string {
  const all = totals.added + totals.dropped + totals.changed;
  if (all === 0) return "";
  const shown = differences.length;
  const which = shown < all ? `the first ${shown} of ${amount(all)}` : `all ${amount(all)}`;
  return `<h2>Differences <span class="soft">${which}</span></h2>
${differences.map(differenceHtml).join("\n")}`;
}

function amount(count: number): string {
  return count.toLocaleString("en-US");
}
