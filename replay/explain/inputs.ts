import type { BusEvent, EventSource } from "../../bus/index.js";
import { Deliveries } from "../../consumers/runner/redelivery.js";
import type { OutputCause } from "../outputs/output.js";
import type { Candidate } from "../whatif/options.js";

/** The events that led to an output, as far as can be said without running the consumer. */
export interface Inputs {
  /** By what they were chosen: never more than what the consumer was given. */
  readonly by: "key and window" | "key" | "window" | "order";
  readonly count: number;
  /** The last ones. */
  readonly last: readonly { readonly offset: number; readonly topic: string }[];
}

/**
 * What the consumer read before the output, cut down to the output's key and window, by the plugin's
 * own `key` and event time. An output may depend on fewer of them; if the plugin keeps what it keeps
 * by key, it depends on no others.
 */
export async function inputsOf(
  source: EventSource,
  candidate: Candidate,
  { consumer: name, offset, key, window }: OutputCause,
  options: { readonly from: number; readonly limit: number; readonly signal?: AbortSignal },
): Promise<Inputs> {
  const { limit, signal } = options;
  const { consumer, config = {} } = candidate;
  const deliveries = new Deliveries(name, consumer.topics(config));
  const { patterns } = deliveries;
  const isKeyed = consumer.keyed && key !== undefined;
  const belongs = belongingTo(candidate, isKeyed ? key : undefined, window);
  const by = isKeyed ? (window ? "key and window" : "key") : window ? "window" : "order";
  const last: { offset: number; topic: string }[] = [];
  let count = 0;
  const to = offset + 1;
  for (let from = options.from; from < to; ) {
    const page = await source.read({ from, to, patterns, ...(signal && { signal }) });
    for (const event of [...deliveries.inAll(page.blocks)].flat()) {
      if (!belongs(event)) continue;
      count++;
      last.push({ offset: event.offset, topic: event.topic });
      if (last.length > limit) last.shift();
    }
    from = page.next;
  }
  return { by, count, last };
}

/** What belongs to a key and a window. What the plugin can tell neither of led to no output. */
function belongingTo(
  { consumer, config = {} }: Candidate,
  key: string | undefined,
  window: OutputCause["window"],
): (event: BusEvent) => boolean {
  const timeOf = consumer.watermark(config).time ?? ((event: BusEvent) => event.timestamp);
  return (event) => {
    try {
      if (key !== undefined && consumer.keyOf(event, config) !== key) return false;
      if (window === undefined) return true;
      const time = timeOf(event);
      return time >= window[0] && time < window[1];
    } catch {
      return false;
    }
  };
}
