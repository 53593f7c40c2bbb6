import { FedbusError } from "../../schemas/errors.js";
import { PatternMap } from "../../schemas/index.js";
import type { Signer } from "./signature.js";

export interface RoutingRules {
  /** By topic or pattern: the names of who may sign events there. */
  readonly routing?: Readonly<Record<string, readonly string[]>>;
  /** What becomes of signed events on topics that no rule is for. Default `accept`, as fedmsg's. */
  readonly unlisted?: "accept" | "refuse";
}

/**
 * Who may sign what: fedmsg's `routing_policy` and `routing_nitpicky`, whose keys may also be patterns. The rule
 * of the most specific pattern decides, alone: so a topic can be narrowed, and opened.
 */
export class RoutingPolicy {
  readonly #names = new PatternMap<ReadonlySet<string>>();
  readonly #unlisted: "accept" | "refuse";

  /** Throws PATTERN_INVALID. */
  constructor({ routing = {}, unlisted = "accept" }: RoutingRules) {
    for (const [pattern, names] of Object.entries(routing))
      this.#names.set(pattern, new Set(names));
    this.#unlisted = unlisted;
  }

  /** Throws SIGNER_FORBIDDEN unless the signer may sign events on the topic. */
  check(topic: string, { kind, name }: Signer): void {
    const [names] = this.#names.matches(topic);
    if (names === undefined ? this.#unlisted === "accept" : names.has(name)) return;
    const why = names === undefined ? "no rule names the topic" : "the rule names others";
    throw new FedbusError("SIGNER_FORBIDDEN", `"${name}" may not sign events on ${topic}: ${why}`, {
      details: { topic, kind, signer: name },
    });
  }
}
