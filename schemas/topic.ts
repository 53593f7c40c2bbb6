import { FedbusError } from "./errors.js";

/** What a topic may be at most. A pattern obeys the same limits. */
export const topicLimits = {
  /** Bytes of the whole topic. */
  topicBytesMax: 255,
  /** Segments of the whole topic. */
  segmentsMax: 32,
} as const;

/** Topics that start so are the bus's own: only the hub publishes there. */
export const reservedPrefix = "fedbus.";

/**
 * The grammar: segments joined by dots; a segment is one or more of ASCII letters, digits and
 * `_ - / : @ + ~ = %`. Nothing in it needs escaping in JSON, in a terminal, or in a list of patterns
 * joined by commas; `*` and `#` are left to patterns, `>` and `$` to NATS.
 */
const grammar = /^[\w\-/:@+~=%]+(?:\.[\w\-/:@+~=%]+){0,31}$/;
const outside = /[^\w\-/:@+~=%]/u;

/** Whether `topic` is inside the grammar and the limits. */
export function isTopic(topic: string): boolean {
  return topic.length <= topicLimits.topicBytesMax && grammar.test(topic);
}

/** Throws TOPIC_INVALID, saying what is wrong and where, unless `topic` is one. */
export function checkTopic(topic: string): void {
  if (typeof topic === "string" && isTopic(topic)) return;
  const { problem, position } = faultInTopic(topic);
  throw new FedbusError("TOPIC_INVALID", `the topic ${problem}`, {
    details: { topic: shown(topic), problem, ...(position === undefined ? {} : { position }) },
  });
}

/** Whether `topic` belongs to the bus itself. */
export function isReserved(topic: string): boolean {
  return topic.startsWith(reservedPrefix);
}

/** What is wrong with a topic or pattern, to follow its name in a sentence. */
export interface TopicFault {
  readonly problem: string;
  /** Index of the character at fault, from 0. */
  readonly position?: number;
}

/** Why `topic` is none. `isSegment` lets patterns allow their wildcards. */
export function faultInTopic(
  topic: unknown,
  isSegment: (segment: string, index: number, count: number) => boolean = () => false,
): TopicFault {
  if (typeof topic !== "string") return { problem: "is not a string" };
  if (topic === "") return { problem: "is empty", position: 0 };
  const { topicBytesMax, segmentsMax } = topicLimits;
  if (topic.length > topicBytesMax)
    return { problem: `is longer than ${topicBytesMax} bytes`, position: topicBytesMax };
  const segments = topic.split(".");
  if (segments.length > segmentsMax) return { problem: `has more than ${segmentsMax} segments` };
  let position = 0;
  for (const [index, segment] of segments.entries()) {
    if (segment === "") return { problem: `has an empty segment at ${position}`, position };
    const found = outside.exec(segment);
    if (found !== null && !isSegment(segment, index, segments.length)) {
      position += found.index;
      return { problem: `has ${named(found[0])} at ${position}, which is not allowed`, position };
    }
    position += segment.length + 1;
  }
  return { problem: "is outside the grammar" };
}

/** A hostile topic as it may be shown: cut, and without anything that a terminal obeys. */
export function shown(topic: unknown): string {
  const text = typeof topic === "string" ? topic : typeof topic;
  return text.slice(0, topicLimits.topicBytesMax).replace(/[^\x20-\x7e]/g, "?");
}

function named(character: string): string {
  if (/[\x21-\x7e]/.test(character)) return `"${character}"`;
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
