import { findModel, type ModelVersion } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { type ComparedModels, compareModels } from "../../model/compare-models.js";
import { showReference, showValue } from "../../model/lineage-text.js";
import { escapeText } from "../../render/escape.js";
import { table } from "../../render/table.js";

export const compare = command({
  usage: "compare <a> <b>",
  summary: "Show two versions of models side by side: metrics, features, hyperparameters",
  positionals: {
    a: { type: "string", demandOption: true, describe: "NAME or NAME@VERSION" },
    b: { type: "string", demandOption: true, describe: "Another one" },
  },
  options: {},
  examples: [["$0 model compare fraud@3 fraud@4", "what has changed?"]],
  async run({ a, b }, { where, json, out, signal }) {
    const [first, second] = await withBus(where, async ({ bus }) => [
      (await findModel(bus, a, { signal })).version,
      (await findModel(bus, b, { signal })).version,
    ]);
    const compared = compareModels(first!, second!);
    await (json ? out.json(compared) : out.write(render(compared, first!, second!)));
    return compared.isSame ? exit.ok : exit.different;
  },
});

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
