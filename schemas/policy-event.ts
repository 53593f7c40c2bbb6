import { FedbusError } from "./errors.js";
import type { UnknownTopics } from "./event-router.js";

/** Where a log keeps how it is run: the last event of this topic holds. */
export const policyTopic = "fedbus.policy.set";

/** How a log is run, whoever runs it. */
export interface BusPolicy {
  /** What becomes of events on topics that no schema is bound to. */
  readonly unknownTopics: UnknownTopics;
}

/** That of a log which says nothing else. */
export const policyDefault: BusPolicy = Object.freeze({ unknownTopics: "accept" });

/** The policy in an event's body. Throws OPTIONS_INVALID. */
export function decodePolicyEvent(body: unknown): BusPolicy {
  const { unknownTopics } = (body ?? {}) as Partial<BusPolicy>;
  if (unknownTopics === "accept" || unknownTopics === "refuse") return { unknownTopics };
  throw new FedbusError("OPTIONS_INVALID", "unknownTopics must be accept or refuse");
}
