import type {
  ReportedTrouble,
  TrainingReport,
} from "../../consumers/models/registry/training-reports.js";
import { showCount, showMany } from "../render/amounts.js";
import { escapeText } from "../render/escape.js";

/** Reasons that are shown. */
const shownMax = 5;

const words: Readonly<Record<string, string>> = {
  withoutLabel: "have no label",
  wrongLabel: "have a label that is none",
  unlabelled: "got no label in time",
  withoutKey: "have no key to find their label by",
  labelOfNothing: "have a label for no event that waits for one",
  wrongValues: "have a value that its encoder cannot take",
  withoutFeature: "have nothing where a feature is looked for",
};

/** What a model could not be learnt from, a line each; nothing if there is nothing. */
export function troublesText({ name, learnt, troubles }: TrainingReport): string {
  const lines = troubles.slice(0, shownMax).map((trouble) => `  ${sentenceOf(trouble)}`);
  if (lines.length === 0) return "";
  const head = `${escapeText(name)} has learnt from ${showMany(learnt, "row")}; of its events`;
  return [`\n${head}`, ...lines, ""].join("\n");
}

function sentenceOf({ kind, path, events, offset }: ReportedTrouble): string {
  const where = path === undefined ? "" : ` (${escapeText(path)})`;
  const what = words[kind] ?? escapeText(kind);
  return `${showCount(events)} ${what}${where}, first the one at offset ${offset}`;
}
