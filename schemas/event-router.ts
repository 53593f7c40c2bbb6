import { cut } from "./cut.js";
import type { Envelope } from "./envelope.js";
import { type EnvelopeFault, faultInEnvelope } from "./envelope-check.js";
import { FedbusError } from "./errors.js";
import { RecentCache } from "./recent-cache.js";
import type { BoundSchema, SchemaRegistry } from "./registry.js";
import type { SchemaProblem } from "./schema-problem.js";
import { checkTopic, isReserved, shown } from "./topic.js";

/** Whether topics without a schema may be published. */
export type UnknownTopics = "accept" | "refuse";

/** What is known of a topic. `round` and `id` number it within the block being checked. */
export interface TopicRoute {
  readonly topic: string;
  readonly reserved: boolean;
  readonly schema: BoundSchema | undefined;
  round: number;
  id: number;
}

/**
 * Topics that a router remembers, at most: over twice what a block can hold, so that no topic is
 * forgotten, and numbered again, within a block.
 */
const rememberedMax = 131_072;

/** Finds the schema that an event must match, and holds the event against it. */
export class EventRouter {
  readonly #registry: SchemaRegistry;
  readonly #unknownTopics: UnknownTopics;
  readonly #routes = new RecentCache<TopicRoute>(rememberedMax);
  #revision = -1;

  constructor(registry: SchemaRegistry, unknownTopics: UnknownTopics) {
    this.#registry = registry;
    this.#unknownTopics = unknownTopics;
  }

  /** Forgets what the registry has changed since; to be called before each block. */
  refresh(): void {
    if (this.#revision === this.#registry.revision) return;
    this.#revision = this.#registry.revision;
    this.#routes.clear();
  }

  /**
   * The route of `value`'s topic, once everything about the envelope and its body is found right.
   * Throws EVENT_INVALID, TOPIC_INVALID, TOPIC_RESERVED, or a code of schemas.
   */
  route(value: unknown, allowReserved: boolean): TopicRoute {
    const fault = faultInEnvelope(value);
    if (fault !== undefined) throw invalidEvent(value, fault);
    const event = value as Envelope;
    const route = this.#routes.get(event.topic) ?? this.#add(event.topic);
    if (route.reserved && !allowReserved)
      throw new FedbusError("TOPIC_RESERVED", `${route.topic} is the bus's own`, {
        details: { topic: route.topic },
      });
    const named = event.headers?.schema;
    const schema = typeof named === "string" ? this.#named(named, route.topic) : route.schema;
    if (schema === undefined) {
      if (this.#unknownTopics === "refuse" && !route.reserved) throw schemaRequired(route.topic);
      return route;
    }
    const problem = schema.validate(event.msg);
    if (problem !== undefined) throw violation(route.topic, schema, problem);
    return route;
  }

  #add(topic: string): TopicRoute {
    checkTopic(topic);
    const schema = this.#registry.forTopic(topic);
    const route = { topic, reserved: isReserved(topic), schema, round: -1, id: 0 };
    this.#routes.set(topic, route);
    return route;
  }

  #named(ref: string, topic: string): BoundSchema {
    try {
      return this.#registry.named(ref);
    } catch (error) {
      if (!(error instanceof FedbusError)) throw error;
      throw new FedbusError(error.code, error.message, { details: { topic, ...error.details } });
    }
  }
}

function invalidEvent(value: unknown, { pointer, expected }: EnvelopeFault): FedbusError {
  const topic = (value as { readonly topic?: unknown } | null)?.topic;
  const known = typeof topic === "string" ? { topic: shown(topic) } : {};
  const subject = pointer === "" ? "the event" : pointer;
  return new FedbusError("EVENT_INVALID", `${subject} ${expected}`, {
    details: { ...known, pointer, expected },
  });
}

function schemaRequired(topic: string): FedbusError {
  return new FedbusError("SCHEMA_REQUIRED", `no schema describes ${topic}, and one is required`, {
    details: { topic },
  });
}

function violation(topic: string, schema: BoundSchema, problem: SchemaProblem): FedbusError {
  const { name, version } = schema;
  const { expected, keyword } = problem;
  const pointer = cut(`/msg${problem.pointer}`);
  return new FedbusError(
    "SCHEMA_VIOLATION",
    `${pointer} ${expected} (schema ${name} version ${version})`,
    { details: { topic, schema: name, version, pointer, expected, keyword } },
  );
}
