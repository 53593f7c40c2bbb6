import type { BusEvent } from "../../../bus/index.js";
import { type Consumer, type Context, consumer, type Timer } from "../../../consumers/index.js";
import type { Auction } from "../generator/auction.js";
import type { Bid } from "../generator/bid.js";
import { topics } from "../generator/envelopes.js";
import type { Person } from "../generator/person.js";

/** As Flink SQL words the query, or as Apache Beam computes it. */
export type Semantics = "sql" | "beam";

/** A query, both ways. */
export type Query = Readonly<Record<Semantics, Consumer>>;

/** What a query does with each kind of event; it reads only the kinds that it has a function for. */
export interface QueryHandlers {
  person?(person: Person, context: Context): void;
  auction?(auction: Auction, context: Context): void;
  bid?(bid: Bid, context: Context): void;
  timer?(timer: Timer, context: Context): void | Promise<void>;
}

/** How far an event may come behind a later one: as in nexmark/nexmark. */
export const outOfOrderMs = 4_000;

/** Where the results of a query go. */
export const outputTopic = (name: string) => `nexmark.${name}`;

/** A query that is made in one way for both. */
export function bothWays(make: (semantics: Semantics) => Consumer): Query {
  return { sql: make("sql"), beam: make("beam") };
}

/** A query on the low-level consumer. */
export function query(name: string, create: (semantics: Semantics) => QueryHandlers): Query {
  return bothWays((semantics) => {
    const handlers = create(semantics);
    const { timer } = handlers;
    const kinds = (["person", "auction", "bid"] as const).filter((kind) => handlers[kind]);
    return consumer({
      name: `nexmark-${name}`,
      topics: [...kinds.map((kind) => topics[kind]), topics.end],
      watermark: { outOfOrderMs },
      handle: (event, context) => dispatch(handlers, event, context),
      ...(timer && { timer }),
    });
  });
}

function dispatch(handlers: QueryHandlers, { topic, msg }: BusEvent, context: Context): void {
  if (topic === topics.bid) handlers.bid?.(msg as Bid, context);
  else if (topic === topics.auction) handlers.auction?.(msg as Auction, context);
  else if (topic === topics.person) handlers.person?.(msg as Person, context);
}
