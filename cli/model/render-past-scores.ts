import type { ModelVersion } from "../../consumers/index.js";
import type { PastScores } from "../../replay/index.js";
import { showCount } from "../render/amounts.js";
import { escapeText } from "../render/escape.js";
import { table } from "../render/table.js";
import { plainMetrics, showReference, showValue } from "./lineage-text.js";

/** How a model would have done, for a person. */
export function renderPastScores(scores: PastScores, model: ModelVersion): string {
  const { from, to, predictions, unscored, metrics, live } = scores;
  const { rows } = metrics.total;
  const counts = [
    `${showCount(predictions)} predictions`,
    ...(unscored > 0 ? [`${showCount(unscored)} events it gave no number for`] : []),
    `${showCount(rows)} outcomes`,
  ];
  const reference = escapeText(showReference(model));
  const heading = `${reference} over offsets ${from} up to ${to}: ${counts.join(", ")}\n`;
  if (rows === 0) return `${heading}no label came for any of them: there is nothing to compare\n`;
  const columns = [metrics.window, live?.window, metrics.baseline?.window].map((of) =>
    plainMetrics(of),
  );
  const names = [...new Set(columns.flatMap((of) => Object.keys(of)))];
  const lines = names.map((name) => [name, ...columns.map((of) => showValue(of[name]))]);
  const told = table([["", "WOULD HAVE", "PUBLISHED", "NO MODEL"], ...lines]);
  return heading + told + differenceIn(scores);
}

/** Two means over different rows do not say which model is better. */
function differenceIn({ metrics, live }: PastScores): string {
  const [rows, published] = [metrics.window.rows, live?.window.rows];
  if (published === undefined || published === rows) return "";
  return (
    `these are not the same rows: ${showCount(rows)} outcomes it would have had, and ${showCount(published)} were published; ` +
    "choose --from and --to where both are there, to compare like with like\n"
  );
}
