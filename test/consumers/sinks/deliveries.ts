import type { Delivery } from "../../../consumers/sinks/destination.js";

export const neverAborted: AbortSignal = new AbortController().signal;

/** An event as a destination gets it. */
export function delivery(offset: number, fields: Partial<Delivery> = {}): Delivery {
  return {
    offset,
    topic: "shop.order.created",
    recordedAt: 1_700_000_000_000 + offset * 1000,
    timestamp: 1_700_000_000_000 + offset * 1000 - 5,
    id: `orders:${offset}`,
    body: { id: offset, total: offset * 1.5 },
    ...fields,
  };
}

/** Events `from` to below `to`. */
export function deliveries(from: number, to: number): Delivery[] {
  return Array.from({ length: to - from }, (_, at) => delivery(from + at));
}
