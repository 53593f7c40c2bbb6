import { canonicalPatterns, schemaTopic } from "../../schemas/index.js";
import { commonOf, eventTime, watermarkFor } from "../plugin/common-options.js";
import type { Consumer, WatermarkOptions } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { importedPattern, isNews } from "./train-news.js";
import { checkTrain } from "./train-options.js";
import { trainPlan } from "./train-plan.js";
import type { TrainSpec } from "./train-spec.js";
import { Trainer } from "./trainer.js";

/**
 * A consumer that learns a model from events, tests it on each row before it learns that, and publishes it: the
 * file goes to the blob store, and `models.NAME.trained` says what it is and what it was made of. The same events,
 * options and seed give the same file, live, in replay and after a crash. Throws OPTIONS_INVALID.
 */
export function train<Config = unknown>(spec: TrainSpec<Config>): Consumer<Config> {
  checkTrain(spec as TrainSpec<never>);
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
