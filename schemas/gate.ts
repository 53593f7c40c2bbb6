import { isUtf8 } from "node:buffer";
import type { Envelope } from "./envelope.js";
import { type ErrorJson, FedbusError, isFedbusError } from "./errors.js";
import { type EventLimits, eventLimits } from "./event-limits.js";
import { readEvent } from "./event-reader.js";
import { EventRouter, type TopicRoute, type UnknownTopics } from "./event-router.js";
import { scanEvents } from "./json-scan.js";
import { JsonWalk } from "./json-walk.js";
import type { SchemaRegistry } from "./registry.js";

/** Why one event of a block was not taken. `index` is its place among those that were sent. */
export interface EventRefusal extends ErrorJson {
  readonly index: number;
}

/** What became of a block's events. Topics, ids and envelopes are those of the accepted ones. */
export interface GateResult {
  /** The distinct topics, in the order that they first came. */
  readonly topics: string[];
  /** For each accepted event, its index in `topics`. */
  readonly topicIds: Uint16Array;
  readonly refused: EventRefusal[];
  /** The accepted events, parsed. */
  readonly envelopes: Envelope[];
}

export interface EventGateOptions {
  readonly registry: SchemaRegistry;
  /** What happens to an event without a schema. Default `accept`. */
  readonly unknownTopics?: UnknownTopics;
  readonly limits?: Partial<EventLimits>;
  /** Whether topics under `fedbus.` may pass. Default false. */
  readonly allowReserved?: boolean;
}

/** The accepted part of a block while it is put together. */
interface Accepted {
  readonly topics: string[];
  readonly topicIds: Uint16Array;
  readonly refused: EventRefusal[];
  readonly envelopes: Envelope[];
}

/**
 * What stands between publishers and the log: every event is JSON that all readers understand alike,
 * a proper envelope, and what its schema wants. A bad event is refused with a reason, alone.
 *
 * A block is checked as a whole: one scan of the bytes, one `JSON.parse`, one walk. Only what that
 * leaves in doubt is checked again event by event, from the bytes.
 */
export class EventGate {
  readonly #router: EventRouter;
  readonly #limits: EventLimits;
  readonly #allowReserved: boolean;
  #round = 0;

  constructor(options: EventGateOptions) {
    this.#router = new EventRouter(options.registry, options.unknownTopics ?? "accept");
    this.#limits = { ...eventLimits, ...options.limits };
    this.#allowReserved = options.allowReserved ?? false;
  }

  /**
   * Checks the events of `payload`, which should be the bytes `[event,event,...]`, where `ends[i]` is
   * the place after event i's last byte and event i starts at 1 or at `ends[i - 1] + 1`. At most
   * 65,535 events. If nothing is refused, then `payload` as a whole is one JSON array whose elements
   * are exactly those slices. Never throws for what is in the bytes.
   */
  check(
    payload: Buffer,
    ends: Uint32Array,
    options: { readonly allowReserved?: boolean } = {},
  ): GateResult {
    const allowReserved = options.allowReserved ?? this.#allowReserved;
    const accepted: Accepted = {
      topics: [],
      topicIds: new Uint16Array(ends.length),
      refused: [],
      envelopes: [],
    };
    this.#router.refresh();
    this.#round++;
    const colons = new Uint32Array(ends.length);
    const events = this.#parseBlock(payload, ends, colons);
    const walk = new JsonWalk();
    for (let index = 0; index < ends.length; index++) {
      try {
        const known = events === undefined ? undefined : sound(walk, events[index], colons[index]!);
        const event = known ?? this.#readSlice(payload, ends, index);
        this.#accept(accepted, this.#router.route(event, allowReserved), event as Envelope);
      } catch (error) {
        if (!isFedbusError(error)) throw error;
        accepted.refused.push({ index, ...error.toJSON() });
      }
    }
    if (accepted.refused.length === 0) return accepted;
    return { ...accepted, topicIds: accepted.topicIds.slice(0, accepted.envelopes.length) };
  }

  /** All events by one parse, if the block as a whole is in order. */
  #parseBlock(
    payload: Buffer,
    ends: Uint32Array,
    colons: Uint32Array,
  ): readonly unknown[] | undefined {
    if (!isUtf8(payload)) return undefined;
    if (!scanEvents(payload, ends, this.#limits, colons)) return undefined;
    try {
      return JSON.parse(payload.toString("utf8")) as unknown[];
    } catch {
      return undefined;
    }
  }

  #readSlice(payload: Buffer, ends: Uint32Array, index: number): unknown {
    const start = index === 0 ? 1 : ends[index - 1]! + 1;
    checkSeparators(payload, ends, index);
    return readEvent(payload.subarray(start, Math.max(start, ends[index]!)), this.#limits);
  }

  #accept(accepted: Accepted, route: TopicRoute, event: Envelope): void {
    if (route.round !== this.#round) {
      route.round = this.#round;
      route.id = accepted.topics.push(route.topic) - 1;
    }
    accepted.topicIds[accepted.envelopes.length] = route.id;
    accepted.envelopes.push(event);
  }
}

/** Throws JSON_INVALID unless the event stands between the brackets and commas that it should. */
function checkSeparators(payload: Buffer, ends: Uint32Array, index: number): void {
  const end = ends[index]!;
  const isLast = index === ends.length - 1;
  const opened = index > 0 || payload[0] === 0x5b;
  const closed = payload[end] === (isLast ? 0x5d : 0x2c);
  if (opened && closed && (!isLast || end === payload.length - 1)) return;
  throw new FedbusError("JSON_INVALID", "the event's end is not where the block says", {
    details: { end },
  });
}

/** The event, if parsing it has lost nothing and let nothing in that must stay out. */
function sound(walk: JsonWalk, event: unknown, colons: number): unknown {
  if (typeof event !== "object" || event === null) return undefined;
  walk.suspicious = false;
  return walk.countMembers(event) === colons && !walk.suspicious ? event : undefined;
}
