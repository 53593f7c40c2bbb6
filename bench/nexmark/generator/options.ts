import { problemsIn, refuse } from "../../../bus/kernel/options.js";

/** How the stream is made. The names are Apache Beam's, and so are the defaults. */
export interface NexmarkOptions {
  /** Events of all generators together. Default 100,000. */
  readonly numEvents: number;
  /** Generators, each on its own timeline from `baseTime`. Default 100. */
  readonly numEventGenerators: number;
  /** Events a second of all generators together. Default 10,000. */
  readonly eventRate: number;
  /**
   * `integer`: the time between two events is a whole number of microseconds, as in Apache Beam
   * (so that at most 2 million events a second differ in time at all). `double`: as in
   * nexmark/nexmark for Flink. Default `integer`.
   */
  readonly interEventDelay: "integer" | "double";
  /** Time of the first event, ms since 1970. Default 2015-07-15T00:00:00Z. */
  readonly baseTime: number;
  /** What the first event's number is added to; ids and random draws follow from the sum. Default 0. */
  readonly firstEventId: number;
  /** Number of the first event; times follow from it. Default 0. */
  readonly firstEventNumber: number;
  /** Events of one generator come in shuffled groups of this size. Default 1: in order. */
  readonly outOfOrderGroupSize: number;
  /** Of that many bids, all but one go to a hot auction. Default 2. */
  readonly hotAuctionRatio: number;
  /** Of that many auctions, all but one are opened by a hot seller. Default 4. */
  readonly hotSellersRatio: number;
  /** Of that many bids, all but one are made by a hot bidder. Default 4. */
  readonly hotBiddersRatio: number;
  /** Auctions of a generator open at a time, on average. Default 100. */
  readonly numInFlightAuctions: number;
  /** The newest people of a generator who may bid and sell. Default 1,000. */
  readonly numActivePeople: number;
  /** Average size that `extra` fills a person up to, in bytes. Default 200. */
  readonly avgPersonByteSize: number;
  /** The same for an auction. Default 500. */
  readonly avgAuctionByteSize: number;
  /** The same for a bid. Default 100. */
  readonly avgBidByteSize: number;
}

export const defaults: NexmarkOptions = Object.freeze({
  numEvents: 100_000,
  numEventGenerators: 100,
  eventRate: 10_000,
  interEventDelay: "integer",
  baseTime: Date.UTC(2015, 6, 15),
  firstEventId: 0,
  firstEventNumber: 0,
  outOfOrderGroupSize: 1,
  hotAuctionRatio: 2,
  hotSellersRatio: 4,
  hotBiddersRatio: 4,
  numInFlightAuctions: 100,
  numActivePeople: 1_000,
  avgPersonByteSize: 200,
  avgAuctionByteSize: 500,
  avgBidByteSize: 100,
});

const atLeastOne = [
  "numEventGenerators",
  "eventRate",
  "outOfOrderGroupSize",
  "hotAuctionRatio",
  "hotSellersRatio",
  "hotBiddersRatio",
] as const;

/** `given` over the defaults. Throws OPTIONS_INVALID with everything that is wrong. */
export function settle(given: Partial<NexmarkOptions>): NexmarkOptions {
  const kinds = Object.fromEntries(
    Object.keys(defaults).map(
      (key) => [key, key === "interEventDelay" ? "other" : "count"] as const,
    ),
  );
  const problems = problemsIn(given, kinds);
  for (const key of atLeastOne) if (given[key] === 0) problems.push(`${key} must be 1 or more`);
  const delay = given.interEventDelay ?? "integer";
  if (delay !== "integer" && delay !== "double")
    problems.push("interEventDelay must be integer or double");
  refuse("nexmark", problems);
  return { ...defaults, ...given };
}
