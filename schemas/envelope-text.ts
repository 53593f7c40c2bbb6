import { FedbusError } from "./errors.js";
import { RecentCache } from "./recent-cache.js";
import { checkTopic, shown } from "./topic.js";

/** Topics of which how their envelopes begin is remembered, at most. */
export const rememberedTopicsMax = 4_096;

/** How envelopes of a topic begin, up to the id, which is written behind it. */
export class Openings {
  readonly #remembered = new RecentCache<string>(rememberedTopicsMax);

  /** Throws TOPIC_INVALID. */
  of(topic: string): string {
    return this.#remembered.get(topic) ?? this.#made(topic);
  }

  #made(topic: string): string {
    const opening = openingOf(topic);
    this.#remembered.set(topic, opening);
    return opening;
  }
}

/** How envelopes of a topic begin, up to the id. Throws TOPIC_INVALID. */
export function openingOf(topic: string): string {
  checkTopic(topic);
  return `{"topic":"${topic}","msg_id":"`;
}

/** A body that is JSON already: for those who make many that differ little. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** A member of an envelope as JSON. Throws EVENT_INVALID for what cannot be that: headers are an object. */
export function jsonOf(value: unknown, field: "msg" | "headers", topic: string): string {
  if (value instanceof JsonText) return value.text;
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined && (field === "msg" || text.startsWith("{"))) return text;
  const why = cause instanceof Error ? cause.message.split("\n", 1)[0] : `it is ${kindOf(value)}`;
  throw new FedbusError("EVENT_INVALID", `${field} cannot be written as JSON: ${why}`, {
    details: { topic: shown(topic), pointer: `/${field}` },
    cause,
  });
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
