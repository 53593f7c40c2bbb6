import type { NexmarkEvent } from "../../../bench/nexmark/generator/generator.js";

const blank = { extra: "", itemName: "", description: "", initialBid: 0, reserve: 0 };

/** A bid of 5 by 2 in auction 1, as far as nothing else is said. */
export function bid(seconds: number, rest: object = {}): NexmarkEvent {
  const record = { auction: 1, bidder: 2, price: 5, extra: "" };
  return { kind: "bid", record: { ...record, dateTime: seconds * 1000, ...rest } };
}

/** Auction 1 of seller 7 in category 10, open for 10 s. */
export function auction(seconds: number, rest: object = {}): NexmarkEvent {
  const record = { ...blank, id: 1, seller: 7, category: 10, dateTime: seconds * 1000 };
  return { kind: "auction", record: { ...record, expires: seconds * 1000 + 10_000, ...rest } };
}

/** Ann from Bend, Oregon, who is number 7. */
export function person(seconds: number, rest: object = {}): NexmarkEvent {
  const address = { emailAddress: "", creditCard: "", city: "Bend", state: "OR", extra: "" };
  const record = { id: 7, name: "Ann", ...address, dateTime: seconds * 1000 };
  return { kind: "person", record: { ...record, ...rest } };
}
