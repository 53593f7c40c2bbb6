import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { existingHome, type NamedHome } from "../../consumers/index.js";
import {
  hasDifferences,
  replayId,
  storedPlace,
  type WhatIfOptions,
  whatIf,
  whatIfHtml,
} from "../../replay/index.js";
import { withBus } from "../bus-for.js";
import { command } from "../command.js";
import { consumersDir } from "../consumers/place.js";
import type { Context } from "../context.js";
import { exit } from "../exit.js";
import { candidateOptions, loadCandidate } from "../replay/candidate.js";
import { offsetRangeFrom, offsetRangeOptions } from "../replay/range.js";
import { whatIfText } from "../replay/render-whatif.js";
import { ReplayBar } from "../replay/replay-progress.js";
import { warnImpure } from "../replay/warn-impure.js";
import { given, parseCount } from "../units.js";

export const whatif = command({
  positionals: {
    plugin: { type: "string", demandOption: true, describe: "A file, or an installed package" },
  },
  options: {
    against: { type: "string", demandOption: true, describe: "The consumer's name" },
    "against-plugin": {
      type: "string",
      describe: "Compare with what this plugin makes of the same events, instead of the log",
    },
    ...offsetRangeOptions,
    ...candidateOptions,
    limit: { type: "string", default: "20", describe: "Differences of each kind to show" },
    ignore: {
      type: "string",
      array: true,
      default: [] as string[],
      describe: "A field that does not count, as a JSON pointer: /msg/at (may be repeated)",
    },
    html: { type: "string", describe: "Also write a report into this file" },
  },
  examples: [
    ["$0 whatif ./speeding.ts --against speeding", "what would the new code have done?"],
    ["$0 whatif ./speeding.ts --against speeding --set limit=120 --html report.html", "a report"],
  ],
  async run(values, context) {
    const limit = parseCount("--limit", values.limit);
    return await withBus(context.where, async ({ bus }) => {
      const { source } = bus;
      const against = await existingHome(await consumersDir(bus, context), values.against);
      const registration = await against.home.registration();
      const candidate = await loadCandidate(values.plugin, values, { registration, ...context });
      const range = await offsetRangeFrom(values, source);
      const other = await given(values.againstPlugin, (plugin) =>
        loadCandidate(plugin, { config: undefined, set: [] }, { registration, ...context }),
      );
      const { pluginHash, settings, consumer, config } = candidate;
      const asked = { pluginHash, settings, ...range, other: other?.pluginHash };
      const report = await withBars(context, {
        ...{ source, consumer, config, pluginHash: pluginHash!, limit, ignore: values.ignore },
        against: other ?? (await publishedBy(against)),
        dir: join(against.home.dir, "replays", `whatif-${replayId(consumer, asked)}`),
        ...range,
        ...(registration !== undefined && { startAt: registration.startAt }),
      });
      const { json, out, colours } = context;
      await given(values.html, (path) => writeFile(path, whatIfHtml(report)));
      await (json ? out.json(report) : out.write(whatIfText(report, colours)));
      return hasDifferences(report) ? exit.different : exit.ok;
    });
  },
});

async function publishedBy(consumer: NamedHome) {
  const { lineage } = (await consumer.home.current()) ?? {};
  const place = await storedPlace(consumer);
  return {
    name: consumer.name,
    ...(place !== undefined && { place }),
    ...(lineage !== undefined && { lineage }),
  };
}

async function withBars(context: Context, options: WhatIfOptions) {
  const bars = {
    old: new ReplayBar(context, "replaying the old one"),
    new: new ReplayBar(context, "replaying"),
  };
  try {
    return await whatIf({
      ...options,
      signal: context.signal,
      onProgress: (side, progress) => bars[side].tell(progress),
      onImpure: warnImpure(context),
    });
  } finally {
    bars.old.stop();
    bars.new.stop();
  }
}
