import { BlockReader } from "./block-reader.js";
import type { Envelope } from "./envelope.js";
import { isFedbusError } from "./errors.js";
import { type EventLimits, eventLimits } from "./event-limits.js";
import { EventRouter, type TopicRoute, type UnknownTopics } from "./event-router.js";
import { eventBytes } from "./event-run.js";
import { type EventRefusal, refusalOf } from "./refusal.js";
import type { SchemaRegistry } from "./registry.js";

export type { EventRefusal } from "./refusal.js";

/** What became of a block's events. Topics and ids are those of the accepted ones. */
export interface GateResult {
  /** The distinct topics, in the order that they first came. */
  readonly topics: string[];
  /** For each accepted event, its index in `topics`. */
  readonly topicIds: Uint16Array;
  readonly refused: EventRefusal[];
}

export interface CheckOptions {
  /** Whether topics under `fedbus.` may pass. Default: the gate's own. */
  readonly allowReserved?: boolean;
  /** Called with each accepted event, as it was parsed, in order. */
  readonly onAccepted?: (event: Envelope) => void;
}

export interface EventGateOptions {
  readonly registry: SchemaRegistry;
  /** What happens to an event without a schema. Default `accept`. */
  readonly unknownTopics?: UnknownTopics;
  readonly limits?: Partial<EventLimits>;
  /** Whether topics under `fedbus.` may pass. Default false. */
  readonly allowReserved?: boolean;
  /** Asked about each event that has passed so far, but for the bus's own; refuses it by a FedbusError. */
  readonly verify?: (event: Envelope, bytes: Buffer) => void;
}

/** The accepted part of a block while it is put together. */
interface Accepted {
  readonly topics: string[];
  readonly topicIds: Uint16Array;
  readonly refused: EventRefusal[];
  count: number;
}

/**
 * What stands between publishers and the log: every event is JSON that all readers understand alike,
 * a proper envelope, and what its schema wants. A bad event is refused with a reason, alone.
 */
export class EventGate {
  readonly #router: EventRouter;
  readonly #limits: EventLimits;
  readonly #allowReserved: boolean;
  readonly #verify: EventGateOptions["verify"];
  #round = 0;

  constructor(options: EventGateOptions) {
    this.#router = new EventRouter(options.registry, options.unknownTopics ?? "accept");
    this.#limits = { ...eventLimits, ...options.limits };
    this.#allowReserved = options.allowReserved ?? false;
    this.#verify = options.verify;
  }

  /**
   * Checks the events of `payload`, which should be the bytes `[event,event,...]`, where `ends[i]` is
   * the place after event i's last byte and event i starts at 1 or at `ends[i - 1] + 1`. At most
   * 65,535 events. If nothing is refused, then `payload` as a whole is one JSON array whose elements
   * are exactly those slices. Never throws for what is in the bytes.
   */
  check(payload: Buffer, ends: Uint32Array, options: CheckOptions = {}): GateResult {
    const { allowReserved = this.#allowReserved, onAccepted } = options;
    const accepted: Accepted = {
      topics: [],
      topicIds: new Uint16Array(ends.length),
      refused: [],
      count: 0,
    };
    this.#router.refresh();
    this.#round++;
    const reader = new BlockReader(payload, ends, this.#limits);
    for (let index = 0; index < ends.length; index++) {
      try {
        const event = reader.read(index);
        const route = this.#router.route(event, allowReserved);
        if (this.#verify !== undefined && !route.reserved)
          this.#verify(event as Envelope, eventBytes(payload, ends, index));
        this.#accept(accepted, route);
        onAccepted?.(event as Envelope);
      } catch (error) {
        if (!isFedbusError(error)) throw error;
        accepted.refused.push(refusalOf(index, error));
      }
    }
    const { topics, topicIds, refused, count } = accepted;
    return {
      topics,
      topicIds: refused.length === 0 ? topicIds : topicIds.slice(0, count),
      refused,
    };
  }

  #accept(accepted: Accepted, route: TopicRoute): void {
    if (route.round !== this.#round) {
      route.round = this.#round;
      route.id = accepted.topics.push(route.topic) - 1;
    }
    accepted.topicIds[accepted.count++] = route.id;
  }
}
