import type { LineageDifference, ModelVerification } from "../../replay/index.js";
import { showCount } from "../render/amounts.js";
import type { Colours } from "../render/colours.js";
import { escapeText } from "../render/escape.js";
import { table } from "../render/table.js";
import { showReference, showValue } from "./lineage-text.js";

/** Differences that are shown; `--json` has them all. */
const shownMax = 30;

/** What came of training a model again, for a person. */
export function renderVerification(verification: ModelVerification, colours: Colours): string {
  const { isSame, from, to, events, sha256, retrained } = verification;
  const reference = escapeText(showReference(verification));
  const range = `${showCount(events)} events, offsets ${from} up to ${to}`;
  if (isSame)
    return [
      `${colours.green("verified")}: ${reference}, trained again from ${range}, is the same file`,
      `  sha256 ${sha256}`,
      ...fileNote(verification, colours),
      "",
    ].join("\n");
  return [
    `${colours.red("different")}: ${reference}, trained again from ${range}, is not the same`,
    ...whyText(verification),
    `  in the log  ${sha256}`,
    `  retrained   ${retrained?.sha256 ?? noneText(verification)}`,
    ...fileNote(verification, colours),
    `${differenceTable(verification.differences)}`,
  ].join("\n");
}

function fileNote({ file }: ModelVerification, colours: Colours): string[] {
  if (file === "missing") return [`  ${colours.yellow("its file is not in this log")}`];
  return file === "corrupt" ? [`  ${colours.red("its file in this log is damaged")}`] : [];
}

function noneText({ rejected }: ModelVerification): string {
  if (rejected === undefined) return "no model at all at that place";
  return escapeText(`none: it was rejected (${rejected.reason}): ${rejected.message}`);
}

/** What of the lineage explains the rest, most telling first. */
const reasons: readonly (readonly [start: string, why: string])[] = [
  ["/hyper", "hyperparameters differ"],
  ["/seed", "the seed differs"],
  ["/kind", "it is a model of another kind"],
  ["/task", "it is for another task"],
  ["/classes", "classes differ"],
  ["/features", "features, or what was learnt of their categories, differ"],
  ["/training/every", "`every` differs: models are published after other rows than then"],
  ["/training/minRows", "`minRows` differs: the first model comes after other rows than then"],
  ["/training", "other options of training differ"],
  ["/plugin/code", "the plugin's code is not that of then: name the old file with --plugin"],
  ["/runtime", "it was made by other versions: the same bits are promised for one of each"],
  ["/inputs", "topics or schemas differ"],
  ["/offsets", "the events are not at the same offsets"],
];

function whyText({ retrained, isSameGraph, differences, file }: ModelVerification): string[] {
  const why = differences.map(
    ({ path }) => reasons.find(([start]) => path.startsWith(start))?.[1] ?? "",
  );
  const lines = reasons.filter(([, one]) => why.includes(one)).map(([, one]) => `  ${one}`);
  if (lines.length === 0 && retrained === undefined)
    return ["  the events, or the plugin and its settings, are not those of then"];
  if (isSameGraph === true)
    lines.push(
      "  what computes is the same, bit for bit: only what the file says of itself differs",
    );
  else if (lines.length === 0 && file === "whole")
    lines.push("  the same settings and versions: so the events are not those that it learnt from");
  return lines;
}

function differenceTable(differences: readonly LineageDifference[]): string {
  if (differences.length === 0) return "";
  const rows = differences
    .slice(0, shownMax)
    .map(({ path, stored, retrained }) => [path, cut(stored), cut(retrained)]);
  const more = differences.length - rows.length;
  const text = table([["LINEAGE", "IN THE LOG", "RETRAINED"], ...rows]);
  return more > 0 ? `${text}and ${more} more\n` : text;
}

function cut(value: unknown): string {
  const text = showValue(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
