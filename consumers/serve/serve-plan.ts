import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import { checkTopic } from "../../schemas/index.js";
import { fieldOf } from "../field.js";
import type { Features } from "../models/features/feature.js";
import { aName } from "../plugin/common-options.js";
import type { CanaryPlan } from "./canary.js";
import type { JudgementPlan } from "./quality.js";
import { Roles } from "./roles.js";
import type { Judgement, Missing, OutcomeOptions, ServeSpec } from "./serve-options.js";
import type { SoughtFields } from "./unseen.js";

/** Serving under one configuration, with its defaults. */
export interface ServePlan {
  /** What the consumer runs under. */
  readonly consumer: string;
  readonly model: string;
  readonly output: string;
  readonly config: unknown;
  readonly roles: Roles;
  readonly features: Features<never> | undefined;
  /** What a prediction is called; undefined if nothing. */
  readonly idOf: (event: BusEvent) => string | undefined;
  readonly keyOf: (event: BusEvent) => string | undefined;
  /** Where those are looked for, and what outcomes have. */
  readonly fields: SoughtFields;
  readonly threshold: number | undefined;
  readonly missing: Missing;
  readonly waitingMax: number;
  readonly batchRowsMax: number;
  /** Whether what candidates say is published. */
  readonly tellsShadow: boolean;
  readonly contributions: boolean;
  readonly outcomes: OutcomeOptions | undefined;
  readonly canary: CanaryPlan | undefined;
  readonly rollback: JudgementPlan | undefined;
  readonly initial: string | undefined;
}

/** The model's name under a configuration. Throws OPTIONS_INVALID. */
function modelUnder<Config>({ model }: ServeSpec<Config>, config: Config): string {
  const name = typeof model === "function" ? model(config) : model;
  const must = aName(name);
  refuse("serve", must === undefined ? [] : [`model ${must}`]);
  return name;
}

/** Which events matter, and why. */
export function rolesUnder<Config>(
  spec: ServeSpec<Config>,
  config: Config,
  isPinned: boolean,
): Roles {
  const { topics, outcomes, shadow = false, canary } = spec;
  const isOther = typeof shadow === "object";
  return new Roles({
    inputs: typeof topics === "function" ? topics(config) : topics,
    outcomes: outcomes?.topics ?? [],
    model: modelUnder(spec, config),
    follows: !isPinned,
    takesOffers: !isPinned && (shadow === true || canary !== undefined) && !isOther,
    shadowed: isOther && !isPinned ? shadow.model : undefined,
  });
}

/** A checked spec under a configuration. Throws OPTIONS_INVALID. */
export function servePlan<Config>(
  spec: ServeSpec<Config>,
  { consumer, config, isPinned }: { consumer: string; config: Config; isPinned: boolean },
): ServePlan {
  const { output, threshold, missing = "wait", waitingMax = 10_000, batchRowsMax = 256 } = spec;
  const { shadow = false, contributions = false, outcomes, canary, rollback } = spec;
  const idOf = textOf(spec.id);
  const topic = typeof output === "function" ? output(config) : output;
  checkTopic(topic);
  const roles = rolesUnder(spec, config, isPinned);
  // It is not given what it puts out itself; but the same plugin under another name would be, and would answer.
  if (roles.of(topic).isInput)
    refuse("serve", [`output ${topic} is among topics, which are scored: give it another topic`]);
  return {
    ...{ consumer, config, output: topic, missing, waitingMax, batchRowsMax, contributions },
    model: modelUnder(spec, config),
    roles,
    features: spec.features as Features<never> | undefined,
    idOf,
    keyOf: spec.key === undefined ? idOf : textOf(spec.key),
    fields: { id: spec.id, key: spec.key, outcomes },
    threshold: typeof threshold === "function" ? threshold(config) : threshold,
    tellsShadow: shadow !== false && !isPinned,
    outcomes,
    canary: canary && !isPinned ? { ...judgementOf(canary), share: canary.share } : undefined,
    rollback: rollback && !isPinned ? judgementOf(rollback) : undefined,
    initial: spec.initial,
  };
}

function judgementOf({ metric, outcomesMin = 200, tolerance = 0.02 }: Judgement): JudgementPlan {
  return { metric, outcomesMin, tolerance };
}

function textOf(field: ServeSpec["id"]): (event: BusEvent) => string | undefined {
  if (field === undefined) return () => undefined;
  const take = fieldOf(field);
  return (event) => {
    const value = take(event);
    if (typeof value === "string") return value;
    return value === undefined || value === null ? undefined : String(value);
  };
}
