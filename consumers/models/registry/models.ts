import type { Bus, QueryOptions } from "../../../bus/index.js";
import { FedbusError } from "../../../schemas/index.js";
import { nearest } from "../../../schemas/nearest.js";
import { ModelHistory } from "./model-history.js";
import { type ModelVersion, modelTopic, modelTopicOf } from "./model-version.js";

const kinds = ["trained", "imported", "promoted", "rejected", "drift"];

/** Names of models: those of consumers. */
const nameGrammar = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** All models that the log tells of, by name, sorted. */
export async function readModels(
  bus: Pick<Bus, "query">,
  options: Pick<QueryOptions, "signal"> = {},
): Promise<ReadonlyMap<string, ModelHistory>> {
  const models = new Map<string, ModelHistory>();
  for await (const event of bus.query({ patterns: patternsFor("*"), ...options })) {
    const { name } = modelTopicOf(event.topic)!;
    const history = models.get(name) ?? new ModelHistory(name);
    models.set(name, history);
    history.take(event);
  }
  return new Map([...models].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the log tells of one model. Rejects with MODEL_UNKNOWN if that is nothing. */
export async function readModel(
  bus: Pick<Bus, "query">,
  name: string,
  options: Pick<QueryOptions, "signal"> = {},
): Promise<ModelHistory> {
  const history = await historyOf(bus, name, options);
  if (history.versions.length > 0 || history.promotions.length > 0) return history;
  const meant = nearest(name, [...(await readModels(bus, options)).keys()]);
  const remedy = meant === undefined ? undefined : `did you mean ${meant}?`;
  throw new FedbusError("MODEL_UNKNOWN", `the log has no model ${name}`, {
    details: { name, ...(remedy !== undefined && { remedy }) },
  });
}

/** The same, if it may be nothing. */
export async function historyOf(
  bus: Pick<Bus, "query">,
  name: string,
  options: Pick<QueryOptions, "signal"> = {},
): Promise<ModelHistory> {
  const history = new ModelHistory(checkModelName(name));
  for await (const event of bus.query({ patterns: patternsFor(name), ...options }))
    history.take(event);
  return history;
}

/** The name. Throws OPTIONS_INVALID if no model can have it. */
export function checkModelName(name: string): string {
  if (nameGrammar.test(name)) return name;
  throw new FedbusError(
    "OPTIONS_INVALID",
    `a model's name has small letters, digits and hyphens, not ${JSON.stringify(name.slice(0, 80))}`,
    { details: { name: name.slice(0, 80) } },
  );
}

/** `NAME@VERSION`, `NAME@SHA` or `NAME`, looked up. Rejects with MODEL_UNKNOWN and OPTIONS_INVALID. */
export async function findModel(
  bus: Pick<Bus, "query">,
  reference: string,
  options: Pick<QueryOptions, "signal"> = {},
): Promise<{ readonly history: ModelHistory; readonly version: ModelVersion }> {
  const [name = "", ...version] = reference.split("@");
  const history = await readModel(bus, name, options);
  return { history, version: history.find(version.join("@")) };
}

function patternsFor(name: string): string[] {
  return kinds.map((kind) => modelTopic(name, kind));
}
