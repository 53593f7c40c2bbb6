import { refuse } from "../../../bus/kernel/options.js";
import { problemsByRules } from "../../plugin/option-rules.js";
import type { BatchKind, OnlineKind } from "./learner.js";

/** `given` over the kind's defaults. Throws OPTIONS_INVALID with all that is wrong. */
export function completeHyper<Hyper extends object>(
  kind: OnlineKind<Hyper> | BatchKind<Hyper>,
  given: Partial<Hyper> = {},
): Hyper {
  const hyper = { ...kind.defaults, ...given };
  refuse(`hyper of ${kind.name}`, problemsByRules(hyper, kind.hyper));
  return hyper;
}
