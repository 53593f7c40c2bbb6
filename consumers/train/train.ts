import { canonicalPatterns, schemaTopic } from "../../schemas/index.js";
import { commonOf, eventTime, watermarkFor } from "../plugin/common-options.js";
import type { Consumer, WatermarkOptions } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { type ModelSettings, settingsOf } from "./settings.js";
import { importedPattern, isNews } from "./train-news.js";
import { checkTrain } from "./train-options.js";
import { trainPlan } from "./train-plan.js";
import type { TrainSpec } from "./train-spec.js";
import { Trainer } from "./trainer.js";

/** A consumer that trains a model. */
export interface TrainConsumer<Config = unknown> extends Consumer<Config> {
  /** What its models' lineages will say of how they are made, under a configuration. Rejects with OPTIONS_INVALID. */
  settings(config: Config, code?: string): Promise<ModelSettings>;
}

/** Whether a consumer trains a model: was made by `train`. */
export function isTraining(plugin: Consumer): plugin is TrainConsumer {
  return typeof (plugin as Partial<TrainConsumer>).settings === "function";
}

/**
 * A consumer that learns a model from events, tests it on each row before it learns that, and publishes it: the
 * file goes to the blob store, and `models.NAME.trained` says what it is and what it was made of. The same events,
 * options and seed give the same file, live, in replay and after a crash. Throws OPTIONS_INVALID.
 */
export function train<Config = unknown>(spec: TrainSpec<Config>): TrainConsumer<Config> {
  checkTrain(spec as TrainSpec<never>);
  return {
    ...training(spec),
    settings: async (config, code) => await settingsOf(trainPlan(spec, config), code),
  };
}

function training<Config>(spec: TrainSpec<Config>): Consumer<Config> {
  const { topics, labelJoin } = spec;
  return consumer<Config>({
    ...commonOf(spec),
    topics: (config) =>
      canonicalPatterns([
        ...(typeof topics === "function" ? topics(config) : topics),
        ...(labelJoin?.topics ?? []),
        schemaTopic,
        importedPattern,
      ]),
    watermark: (config) => withoutNews(watermarkFor(spec.watermark, config)),
    create: (setup) => new Trainer(trainPlan(spec, setup.config), setup) as never,
  });
}

/** What tells of schemas and models is no event of the stream: in imported history it would be far ahead of all others. */
function withoutNews(watermark: WatermarkOptions): WatermarkOptions {
  const timeOf = eventTime(watermark);
  return {
    ...watermark,
    time: (event) => (isNews(event.topic) ? Number.NaN : timeOf(event)),
  };
}
