import type { ArchiveReason } from "../../bus/index.js";
import { showCount } from "../render/amounts.js";
import type { Colours } from "../render/colours.js";
import { escapeText } from "../render/escape.js";
import type { StoredCheck } from "./check-stored.js";

/** A check of a version against what is registered and stored, for a person. */
export function renderStoredCheck(check: StoredCheck, colours: Colours): string {
  const lines = [...differencesOf(check, colours), ...archiveOf(check, colours)];
  return lines.map((line) => `${line}\n`).join("");
}

function* differencesOf(check: StoredCheck, colours: Colours): Generator<string> {
  const { name, version, before, differences, compatibility } = check;
  if (before === undefined) {
    yield `${escapeText(name)}@${version} would be the first version`;
    return;
  }
  const pair = escapeText(`${name}@${version}, beside version ${before}`);
  if (differences.length === 0) {
    yield `${pair}: ${colours.green(`${compatibility} compatible`)}`;
    return;
  }
  const known = differences.some(({ certain }) => certain);
  const verdict = known ? colours.red("not compatible") : "the schemas alone do not tell";
  yield `${pair} (${compatibility}): ${verdict}`;
  for (const { message } of differences) yield `  ${escapeText(message)}`;
}

function* archiveOf({ archive }: StoredCheck, colours: Colours): Generator<string> {
  const { checked, refused, from, to, firstRefused, reasons, damaged } = archive;
  const range = `offsets ${from} up to ${to}`;
  const none = refused === 0 ? colours.green("none refused") : undefined;
  const some = `${colours.red(`${showCount(refused)} refused`)}, first at ${firstRefused.join(", ")}`;
  yield `${showCount(checked)} stored events of its topics (${range}): ${none ?? some}`;
  for (const reason of reasons) yield `  ${escapeText(reasonInWords(reason))}`;
  for (const { from: start, to: end } of damaged)
    yield `Offsets ${start} up to ${end} are damaged or lost, and were left out.`;
}

function reasonInWords({ pointer, expected, count, offsets }: ArchiveReason): string {
  const times = count === 1 ? "once" : `${showCount(count)} times`;
  const more = count > offsets.length ? " ..." : "";
  return `${pointer || "/"} ${expected}: ${times}, at ${offsets.join(", ")}${more}`;
}
