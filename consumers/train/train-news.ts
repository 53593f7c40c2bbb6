import { schemaTopic } from "../../schemas/index.js";
import { modelTopic, modelTopicOf } from "../models/registry/model-version.js";

/** Models that come from elsewhere. Of all names: which one a consumer runs under, its topics do not know. */
export const importedPattern = modelTopic("*", "imported");

/** Whether a topic's events are about schemas or models, and no rows. */
export function isNews(topic: string): boolean {
  return topic === schemaTopic || modelTopicOf(topic)?.kind === "imported";
}
