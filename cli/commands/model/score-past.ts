import { join } from "node:path";
import type { Bus } from "../../../bus/index.js";
import {
  findModel,
  homeOf,
  isServing,
  loadPlugin,
  type ModelVersion,
  objectIn,
} from "../../../consumers/index.js";
import { type PastScores, replayId, scorePast } from "../../../replay/index.js";
import { FedbusError } from "../../../schemas/errors.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { consumersDir } from "../../consumers/place.js";
import type { Context } from "../../context.js";
import { exit } from "../../exit.js";
import { modelArgument } from "../../model/model-argument.js";
import { renderPastScores } from "../../model/render-past-scores.js";
import { type CandidateValues, candidateOptions, loadCandidate } from "../../replay/candidate.js";
import { offsetRangeFrom, offsetRangeOptions } from "../../replay/range.js";
import { ReplayBar } from "../../replay/replay-progress.js";
import { warnImpure } from "../../replay/warn-impure.js";

interface Values extends CandidateValues {
  readonly plugin: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export const scorePastCommand = command({
  positionals: {
    ...modelArgument,
    plugin: { type: "string", demandOption: true, describe: "The file of what serves the model" },
  },
  options: { ...offsetRangeOptions, ...candidateOptions },
  examples: [["$0 model score-past fraud@4 ./scores.ts --from 7d", "is the new one any better?"]],
  async run(values, context) {
    const { version, scores } = await withBus(context.where, async ({ bus }) => {
      const { version } = await findModel(bus, values.model, { signal: context.signal });
      return { version, scores: await scoredBy(bus, version, values, context) };
    });
    const { json, out, err, errColours } = context;
    const seen = learntWithin(version, scores);
    if (seen !== undefined)
      await err.line(
        `${errColours.yellow("warning")}: the model has learnt from offsets ${seen.from} up to ${seen.to} ` +
          "of these: what it says of them looks better than it is",
      );
    await (json ? out.json(scores) : out.write(renderPastScores(scores, version)));
    return exit.ok;
  },
});

/** The part of what was scored that the model knows already; undefined if there is none, or nobody knows. */
function learntWithin({ lineage }: ModelVersion, { from, to }: PastScores) {
  const learnt = objectIn(lineage.offsets);
  if (typeof learnt.from !== "number" || typeof learnt.to !== "number") return undefined;
  const seen = { from: Math.max(from, learnt.from), to: Math.min(to, learnt.to) };
  return seen.from < seen.to ? seen : undefined;
}

async function scoredBy(
  bus: Bus,
  { sha256 }: ModelVersion,
  values: Values,
  context: Context,
): Promise<PastScores> {
  const { source } = bus;
  const { name } = (await loadPlugin(values.plugin, { from: context.cwd })).consumer;
  const { home } = homeOf(await consumersDir(bus, context), name);
  const registration = await home.registration();
  const loaded = await loadCandidate(values.plugin, values, { registration, ...context });
  const { consumer, config, pluginHash, settings } = loaded;
  if (!isServing(consumer)) throw notServing(name);
  const range = await offsetRangeFrom(values, source);
  const { head } = await source.info();
  const id = replayId(consumer, { settings, pluginHash, sha256, ...range });
  const bar = new ReplayBar(context, "scoring the past");
  try {
    return await scorePast({
      ...{ source, consumer, config, sha256, to: head, ...range },
      ...(pluginHash !== undefined && { pluginHash }),
      dir: join(home.dir, "replays", `score-past-${id}`),
      signal: context.signal,
      onProgress: bar.tell,
      onImpure: warnImpure(context),
    });
  } finally {
    bar.stop();
  }
}

function notServing(name: string): FedbusError {
  const remedy = "name a plugin that is made by `serve`";
  return new FedbusError("INPUT_INVALID", `${name} does not serve a model`, {
    details: { consumer: name, remedy },
  });
}
