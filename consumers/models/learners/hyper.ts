import { refuse } from "../../../bus/kernel/options.js";
import { problemsByRules } from "../../plugin/option-rules.js";
import type { OnlineKind } from "./learner.js";

/** `given` over the kind's defaults. Throws OPTIONS_INVALID with all that is wrong. */
export function completeHyper<Hyper extends object>(
  kind: Pick<OnlineKind<Hyper>, "name" | "hyper" | "defaults">,
  given: Partial<Hyper> = {},
): Hyper {
  const hyper = { ...kind.defaults, ...given };
  refuse(`hyper of ${kind.name}`, problemsByRules(hyper, kind.hyper));
  return hyper;
}
