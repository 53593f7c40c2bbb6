import type { Bus } from "../../../bus/index.js";
import { FedbusError } from "../../../schemas/index.js";
import type { ModelPromotion } from "./model-history.js";
import { modelTopic } from "./model-version.js";
import { findModel, readModel } from "./models.js";

type Promoted = Omit<ModelPromotion, "recordedAt">;

/**
 * Makes a version the one that answers, by an event on `models.NAME.promoted`: whoever serves the model changes there. Resolves with
 * undefined if it answers already. Rejects with MODEL_UNKNOWN, and BLOB_NOT_FOUND if its file is not in the log.
 */
export async function promoteModel(bus: Bus, reference: string): Promise<Promoted | undefined> {
  const { history, version: model } = await findModel(bus, reference);
  const { active } = history;
  if (model.sha256 === active) return undefined;
  const { sha256, version } = model;
  return await publish(bus, history.name, { sha256, version, previous: active }, "command");
}

/**
 * Goes back to the model that answered before the present one. Rejects with MODEL_UNKNOWN if there is none, and
 * BLOB_NOT_FOUND.
 */
export async function rollbackModel(bus: Bus, name: string): Promise<Promoted> {
  const history = await readModel(bus, name);
  const { active, previous: sha256 } = history;
  if (sha256 === undefined)
    throw new FedbusError("MODEL_UNKNOWN", `${name} has no model to go back to`, {
      details: { name, remedy: "promote a version by its number" },
    });
  const version = history.versions.find((one) => one.sha256 === sha256)?.version;
  return await publish(bus, name, { sha256, version, previous: active }, "rollback");
}

async function publish(
  bus: Bus,
  name: string,
  {
    sha256,
    version,
    previous,
  }: Record<"sha256", string> & {
    readonly version: number | undefined;
    readonly previous: string | undefined;
  },
  reason: string,
): Promise<Promoted> {
  // Whoever serves it would be left without one.
  await bus.blobs.get(sha256);
  const promotion = {
    ...{ sha256, reason },
    ...(version !== undefined && { version }),
    ...(previous !== undefined && { previous }),
  };
  await using publisher = bus.publisher({ sourceName: "fedbus model" });
  const offset = await publisher.publish(modelTopic(name, "promoted"), promotion);
  return { ...promotion, offset };
}
