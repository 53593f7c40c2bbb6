import type { BusEvent } from "../../../bus/index.js";
import { type Consumer, type Context, consumer, type Timer } from "../../../consumers/index.js";
import type { Auction } from "../generator/auction.js";
import type { Bid } from "../generator/bid.js";
import { topics } from "../generator/envelopes.js";
import type { Person } from "../generator/person.js";

/** As Flink SQL words the query, or as Apache Beam computes it. */
export type Semantics = "sql" | "beam";

export interface QueryConfig {
  readonly semantics: Semantics;
}

/** What a query does with each kind of event; it reads only the kinds that it has a function for. */
export interface QueryHandlers {
  person?(person: Person, context: Context): void;
  auction?(auction: Auction, context: Context): void;
  bid?(bid: Bid, context: Context): void;
  timer?(timer: Timer, context: Context): void | Promise<void>;
}

const config = {
  type: "object",
  properties: { semantics: { enum: ["sql", "beam"], default: "sql" } },
  additionalProperties: false,
} as const;

/** Where the results of the query go. */
export const outputTopic = (name: string) => `nexmark.${name}`;

/**
 * A Nexmark query as a consumer. Event time is the records' own, and an event may come 4 s behind a
 * later one, as in nexmark/nexmark.
 */
export function query(
  name: string,
  create: (semantics: Semantics) => QueryHandlers,
): Consumer<QueryConfig> {
  return consumer<QueryConfig>({
    name: `nexmark-${name}`,
    config,
    topics: ({ semantics }) => {
      const handlers = create(semantics);
      const kinds = (["person", "auction", "bid"] as const).filter((kind) => handlers[kind]);
      return [...kinds.map((kind) => topics[kind]), topics.end];
    },
    watermark: { outOfOrderMs: 4_000 },
    create: ({ config: { semantics } }) => {
      const handlers = create(semantics);
      const handle = (event: BusEvent, context: Context) => dispatch(handlers, event, context);
      return { handle, ...(handlers.timer && { timer: handlers.timer }) };
    },
  });
}

function dispatch(handlers: QueryHandlers, { topic, msg }: BusEvent, context: Context): void {
  if (topic === topics.bid) handlers.bid?.(msg as Bid, context);
  else if (topic === topics.auction) handlers.auction?.(msg as Auction, context);
  else if (topic === topics.person) handlers.person?.(msg as Person, context);
}
