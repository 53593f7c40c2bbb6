import { join } from "node:path";
import type { Bus } from "../../../bus/index.js";
import { findModel, homeOf, type ModelVersion } from "../../../consumers/index.js";
import { type ModelVerification, replayId, verifyModel } from "../../../replay/index.js";
import { FedbusError } from "../../../schemas/errors.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { consumersDir } from "../../consumers/place.js";
import type { Context } from "../../context.js";
import { exit } from "../../exit.js";
import { modelArgument } from "../../model/model-argument.js";
import { renderVerification } from "../../model/render-verification.js";
import { type CandidateValues, candidateOptions, loadCandidate } from "../../replay/candidate.js";
import { ReplayBar } from "../../replay/replay-progress.js";
import { warnImpure } from "../../replay/warn-impure.js";
import { missing } from "../../units.js";

export const verify = command({
  positionals: modelArgument,
  options: {
    plugin: {
      type: "string",
      describe: "The plugin that trained it: its file (default: what the consumer last ran)",
    },
    ...candidateOptions,
  },
  examples: [
    ["$0 model verify fraud", "was what answers now really learnt from this log?"],
    ["$0 model verify fraud@3 --plugin ./old/fraud.ts", "by the code of then"],
  ],
  async run(values, context) {
    const verification = await withBus(context.where, async ({ bus }) => {
      const { version } = await findModel(bus, values.model, { signal: context.signal });
      return await retrained(bus, version, values, context);
    });
    const { json, out, colours } = context;
    await (json ? out.json(verification) : out.write(renderVerification(verification, colours)));
    if (verification.file === "corrupt") return exit.damaged;
    return verification.isSame ? exit.ok : exit.different;
  },
});

async function retrained(
  bus: Bus,
  model: ModelVersion,
  values: CandidateValues & { readonly plugin: string | undefined },
  context: Context,
): Promise<ModelVerification> {
  const { cause, sha256 } = model;
  if (cause === undefined) throw notTrained(model);
  const { home } = homeOf(await consumersDir(bus, context), cause.consumer);
  const registration = await home.registration();
  const plugin = values.plugin ?? registration?.path;
  if (plugin === undefined)
    throw missing(
      "the plugin",
      `name its file with --plugin: ${cause.consumer} was never run by a command here`,
    );
  const { consumer, config, pluginHash, settings } = await loadCandidate(plugin, values, {
    registration,
    ...context,
  });
  const id = replayId(consumer, { settings, pluginHash, sha256 });
  const bar = new ReplayBar(context, "training again");
  try {
    return await verifyModel({
      ...{ source: bus.source, model, consumer, config },
      ...(pluginHash !== undefined && { pluginHash }),
      dir: join(home.dir, "replays", `verify-${id}`),
      signal: context.signal,
      onProgress: bar.tell,
      onImpure: warnImpure(context),
    });
  } finally {
    bar.stop();
  }
}

function notTrained({ name, origin }: ModelVersion): FedbusError {
  const remedy = "only what a consumer has trained from this log can be trained again";
  return new FedbusError("INPUT_INVALID", `${name} was ${origin}, but by no consumer of this log`, {
    details: { name, origin, remedy },
  });
}
