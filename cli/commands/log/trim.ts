import type { TrimOptions } from "../../../bus/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { showCount } from "../../render/amounts.js";
import { renderTrimPlan } from "../../render/trim-plan.js";
import { withTrimProgress } from "../../render/trim-progress.js";
import { checkNotPastHead } from "../../selection.js";
import { given, missing, parseCount, parseDuration, parseSize } from "../../units.js";

export const trim = command({
  positionals: {},
  options: {
    before: { type: "string", describe: "Remove events before this offset" },
    "keep-age": {
      type: "string",
      describe: "Keep events at most this old: 30d (of several limits, the strictest counts)",
    },
    "keep-bytes": {
      type: "string",
      describe: "Keep at most this much: 10GB (whole blocks go, so up to one block more may stay)",
    },
    "keep-count": { type: "string", describe: "Keep at most this many events" },
    pattern: { type: "string", describe: "Only events on topics that this matches" },
    "dry-run": {
      type: "boolean",
      default: false,
      describe: "Only tell what would go: events, bytes, by topic",
    },
  },
  examples: [
    ["$0 log trim --keep-age 30d --dry-run", "what would go?"],
    ["$0 log trim --keep-age 30d", "what is older than 30 days goes"],
    ["$0 log trim --pattern 'org.example.debug.#' --keep-count 1000", "one branch of topics"],
  ],
  async run(values, context) {
    const { where, json, out, signal } = context;
    const limits = {
      before: given(values.before, (text) => parseCount("--before", text)),
      ageMsMax: given(values.keepAge, (text) => parseDuration("--keep-age", text)),
      bytesMax: given(values.keepBytes, (text) => parseSize("--keep-bytes", text)),
      countMax: given(values.keepCount, (text) => parseCount("--keep-count", text)),
    };
    const asked = Object.entries(limits).filter(([, value]) => value !== undefined);
    if (asked.length === 0)
      throw missing("a limit", "give --before, --keep-age, --keep-bytes or --keep-count");
    const { pattern } = values;
    const options: TrimOptions = {
      ...Object.fromEntries(asked),
      ...(pattern === undefined ? {} : { pattern }),
      signal,
    };
    return await withBus(where, async ({ bus }) => {
      checkNotPastHead("--before", limits.before, await bus.source.info());
      if (values.dryRun) {
        const plan = await bus.planTrim(options);
        await (json ? out.json(plan) : out.write(renderTrimPlan(plan)));
      } else {
        const result = await withTrimProgress(bus, context, () => bus.trim(options));
        const { removed, first } = result;
        const text = `${showCount(removed)} removed; the first offset is ${first} now`;
        await (json ? out.json(result) : out.line(text));
      }
      return exit.ok;
    });
  },
});
