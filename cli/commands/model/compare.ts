import type { Bus } from "../../../bus/index.js";
import { findModel, type ModelVersion } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { Damage } from "../../damage.js";
import { exit } from "../../exit.js";
import { type ComparedModels, compareModels } from "../../model/compare-models.js";
import { type ComparedPredictions, comparePredictions } from "../../model/compare-predictions.js";
import { showNumber, showReference, showValue } from "../../model/lineage-text.js";
import { showCount } from "../../render/amounts.js";
import { escapeText } from "../../render/escape.js";
import { table } from "../../render/table.js";
import { rangeOptions, selectionFrom } from "../../selection.js";

export const compare = command({
  positionals: {
    a: { type: "string", demandOption: true, describe: "NAME or NAME@VERSION" },
    b: { type: "string", demandOption: true, describe: "Another one" },
    patterns: {
      type: "string",
      array: true,
      default: [] as string[],
      describe: "Topics: also compares what the two say of these events",
    },
  },
  options: rangeOptions,
  examples: [
    ["$0 model compare fraud@3 fraud@4", "what has changed?"],
    ["$0 model compare fraud@3 fraud@4 shop.order --since 1d", "and how do they differ on a day?"],
  ],
  async run({ a, b, ...values }, context) {
    const { json, out, signal } = context;
    const damage = new Damage(context);
    const { first, second, predictions } = await withBus(context.where, async ({ bus }) => {
      const first = (await findModel(bus, a, { signal })).version;
      const second = (await findModel(bus, b, { signal })).version;
      if (values.patterns.length === 0) return { first, second };
      const { query } = await selectionFrom(values, signal);
      const [one, other] = [await fileOf(bus, first), await fileOf(bus, second)];
      const events = damage.query(bus, query);
      return { first, second, predictions: await comparePredictions([one, other], events) };
    });
    const compared = compareModels(first, second);
    if (json) await out.json({ ...compared, ...(predictions && { predictions }) });
    else {
      await out.write(render(compared, first, second));
      if (predictions !== undefined) await out.write(renderPredictions(predictions));
    }
    return compared.isSame ? damage.exitCode : exit.different;
  },
});

async function fileOf(bus: Bus, { sha256 }: ModelVersion) {
  return { sha256, bytes: await bus.blobs.get(sha256) };
}

function renderPredictions(predictions: ComparedPredictions): string {
  const { events, unscored, differing, meanDistance, maxDistance, decidedOtherwise } = predictions;
  const percent = (share: number): string => `${showNumber(100 * share)} %`;
  const rows = [
    ["events compared", showCount(events)],
    ...(unscored > 0 ? [["not scored by both", showCount(unscored)]] : []),
    ["another output", percent(differing)],
    ["mean distance", showNumber(meanDistance)],
    ["largest distance", showNumber(maxDistance)],
    ...(decidedOtherwise === null
      ? []
      : [["decided otherwise, at 0.5", percent(decidedOtherwise)]]),
  ];
  return `\n${table(rows)}`;
}

function render(
  { rows, columns, isSame }: ComparedModels,
  first: ModelVersion,
  second: ModelVersion,
): string {
  const header = ["", showReference(first), showReference(second)];
  const cells = rows.map(({ what, values: [one, other], isSame }) => [
    `${isSame ? " " : "≠"} ${what}`,
    showValue(one),
    showValue(other),
  ]);
  const lines = [table([header, ...cells])];
  for (const [reference, own] of [
    [showReference(first), columns.onlyFirst],
    [showReference(second), columns.onlySecond],
  ] as const)
    if (own.length > 0) lines.push(`only ${reference} sees: ${escapeText(own.join(", "))}\n`);
  if (isSame) lines.push("the files are the same\n");
  return lines.join("");
}
