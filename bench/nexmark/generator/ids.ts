import type { JavaRandom } from "./java-random.js";

/** Of every 50 events, the first is a person, the next three are auctions, the rest bids. */
export const proportion = { person: 1, auction: 3, bid: 46, all: 50 } as const;

export const first = { person: 1000, auction: 1000, category: 10 } as const;

/** Ids this far ahead of the newest may be named: their own event then comes later. */
const lead = 10;
/** The hot person and the hot auction change with every so many people and auctions. */
const hotBatch = 100;

/** Place of the newest person, counted from 0, once the event `eventId` is there. */
export function lastPerson(eventId: number): number {
  return Math.floor(eventId / proportion.all);
}

/** Place of the newest auction, counted from 0, once the event `eventId` is there; -1 before any. */
export function lastAuction(eventId: number): number {
  const auctionsInRound = Math.min(eventId % proportion.all, proportion.auction);
  return lastPerson(eventId) * proportion.auction + auctionsInRound - 1;
}

/** The first one of the newest batch of people or auctions. */
export function hot(last: number): number {
  return Math.floor(last / hotBatch) * hotBatch;
}

/** The place of somebody among the newest `activeMax` people, or a little ahead of them. */
export function anyPerson(random: JavaRandom, eventId: number, activeMax: number): number {
  const people = lastPerson(eventId) + 1;
  const active = Math.min(people, activeMax);
  return people - active + random.nextInt(active + lead);
}

/** The place of one of the newest `inFlight` auctions, or a little ahead of them. */
export function anyAuction(random: JavaRandom, eventId: number, inFlight: number): number {
  const last = lastAuction(eventId);
  const earliest = Math.max(last - inFlight, 0);
  return earliest + random.nextInt(last - earliest + 1 + lead);
}

/** Cents, from 100 to 10^8, evenly spread over their logarithm. */
export function price(random: JavaRandom): number {
  return Math.round(10 ** (random.nextDouble() * 6) * 100);
}
