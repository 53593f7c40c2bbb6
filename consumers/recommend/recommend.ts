import { refuse } from "../../bus/kernel/options.js";
import { canonicalPatterns } from "../../schemas/index.js";
import type { Field } from "../field.js";
import {
  type CoOccurrenceHyper,
  coOccurrence,
} from "../models/learners/co-occurrence/co-occurrence.js";
import { completeHyper } from "../models/learners/hyper.js";
import {
  aPattern,
  type CommonOptions,
  commonOf,
  commonRules,
  someTopics,
} from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import {
  listOf,
  objectOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../plugin/option-rules.js";
import { Recommender } from "./recommender.js";

/** Events that ask what goes with some items. */
export interface RecommendAsk {
  readonly topics: readonly string[];
  /** The items, texts. Default: as in baskets. */
  readonly items?: Field;
}

/** What `recommend` is given. */
export interface RecommendSpec<Config = unknown> extends CommonOptions<Config> {
  /** Patterns of the topics that baskets come on. */
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  /** The items of a basket, texts or numbers. */
  readonly items: Field;
  /** Default: each basket is answered, before it is learnt. */
  readonly ask?: RecommendAsk;
  /** Items that are recommended, at most. Default 10. */
  readonly count?: number;
  /** How what goes together is scored, and how much is kept. */
  readonly hyper?: Partial<CoOccurrenceHyper>;
  /** Topic of the answers. Default `models.NAME.recommendation`. */
  readonly output?: string;
  /** Baskets between two events on `models.NAME.metrics`. Default 1,000. */
  readonly metricsEvery?: number;
}

const aField: Rule = (value) =>
  typeof value === "string" || typeof value === "function"
    ? undefined
    : "must be a path or a function";

const askRules: Rules<RecommendAsk> = { topics: listOf(aPattern), items: optional(aField) };

const rules: Rules<RecommendSpec<never>> = {
  ...commonRules,
  topics: someTopics,
  items: aField,
  ask: optional(objectOf(askRules)),
  count: optional(whole(1, 1_000)),
  hyper: optional((value) =>
    typeof value === "object" && value !== null ? undefined : "must be an object",
  ),
  output: optional(text),
  metricsEvery: optional(whole(1, 10_000_000)),
};

/**
 * A consumer that learns from baskets what goes together, and answers what goes with others; how often it would have
 * known a basket's last item from the rest is told as it goes. Throws OPTIONS_INVALID.
 */
export function recommend<Config = unknown>(spec: RecommendSpec<Config>): Consumer<Config> {
  refuse("recommend", problemsByRules<object>(spec, rules));
  const hyper = completeHyper(coOccurrence, spec.hyper);
  const { topics, ask, items, count = 10, metricsEvery = 1_000 } = spec;
  const basketsOf = (config: Config) => (typeof topics === "function" ? topics(config) : topics);
  return consumer<Config>({
    ...commonOf(spec),
    topics: (config) => canonicalPatterns([...basketsOf(config), ...(ask?.topics ?? [])]),
    create: ({ name, config }) =>
      new Recommender({
        ...{ name, hyper, items, count, metricsEvery },
        baskets: basketsOf(config),
        asks: ask && { topics: ask.topics, items: ask.items ?? items },
        output: spec.output ?? `models.${name}.recommendation`,
      }) as never,
  });
}
