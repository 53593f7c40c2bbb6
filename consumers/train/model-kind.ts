import { FedbusError } from "../../schemas/index.js";
import { nearest } from "../../schemas/nearest.js";
import { batchKinds, onlineKinds } from "../models/learners/kinds.js";
import type { BatchKind, OnlineKind } from "../models/learners/learner.js";
import type { ModelKind } from "./train-spec.js";

/** The kind that is named, or given. Throws OPTIONS_INVALID. */
export function kindOf(model: ModelKind): OnlineKind<object> | BatchKind<object> {
  if (typeof model === "object" && model !== null && Array.isArray(model.tasks))
    return model as OnlineKind<object> | BatchKind<object>;
  const kind = onlineKinds.get(model as string) ?? batchKinds.get(model as string);
  if (kind !== undefined) return kind;
  const names = [...onlineKinds.keys(), ...batchKinds.keys()];
  const meant = nearest(String(model), names);
  const help = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new FedbusError(
    "OPTIONS_INVALID",
    `train: model must be one of ${names.join(", ")}${help}`,
  );
}

export function isBatchKind(
  kind: OnlineKind<object> | BatchKind<object>,
): kind is BatchKind<object> {
  return "fit" in kind;
}
