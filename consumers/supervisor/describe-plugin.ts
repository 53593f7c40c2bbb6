import { checkPattern } from "../../schemas/index.js";
import { completeConfig } from "../plugin/config.js";
import type { Consumer } from "../plugin/consumer.js";
import { loadPlugin } from "../plugin/loader.js";
import type { DescribeRequest, Description } from "./messages.js";

/** Loads a plugin and says what it is. Rejects as `loadPlugin` and `completeConfig` do, and with PATTERN_INVALID. */
export async function describePlugin(request: DescribeRequest): Promise<Description> {
  const { consumer, path } = await loadPlugin(request.plugin, { from: request.from });
  const { name, version, keyed, attemptsMax, config: schema } = consumer;
  const isGiven = request.config !== undefined;
  const topics = isGiven ? topicsOf(consumer, request.config) : topicsUnset(consumer);
  return { path, name, version, keyed, attemptsMax, topics, schema };
}

function topicsOf(consumer: Consumer, config: unknown): readonly string[] {
  const topics = consumer.topics(completeConfig(consumer, config));
  // Those that a function makes are seen here first.
  for (const pattern of topics) checkPattern(pattern);
  return topics;
}

/** The topics without any setting: none if they depend on one that must be given. */
function topicsUnset(consumer: Consumer): readonly string[] {
  try {
    return topicsOf(consumer, {});
  } catch {
    return [];
  }
}
