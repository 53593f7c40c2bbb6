// Makes an offer to visitors whose cart is at risk: to whom it brings more, on average, than it costs.
import { type Context, consumer } from "fedbus/consumers";
import type { Session } from "./progress.js";

interface Config {
  /** What a purchase earns, and what an offer takes off that. */
  readonly margin: number;
  readonly discount: number;
  /** The share of those who would have left that an offer makes stay: known from tests, or guessed. */
  readonly persuaded: number;
}

interface Scored {
  readonly id: string;
  readonly output: number | null;
}

interface Visit {
  readonly group: Session["group"];
  readonly hasShopped: boolean;
  readonly isOffered: boolean;
}

const amount = { type: "number", exclusiveMinimum: 0 };
const dayMs = 86_400_000;

export default consumer<Config>({
  name: "cart-offer",
  version: "1.0",
  topics: ["shop.session.*", "shop.scored"],
  config: {
    type: "object",
    properties: {
      margin: { ...amount, default: 30 },
      discount: { ...amount, default: 10 },
      persuaded: { ...amount, default: 0.1 },
    },
    additionalProperties: false,
  },
  key: ({ msg }) => (msg as Partial<Session>).session ?? (msg as Scored).id,
  handle({ topic, msg }, context) {
    if (topic === "shop.scored") weigh(msg as Scored, context);
    else follow(msg as Session, context);
  },
});

function follow({ session, group, productPages }: Session, context: Context<Config>): void {
  const before = context.state.get(session) as Visit | undefined;
  const hasShopped = productPages !== undefined;
  const visit = { group, hasShopped, isOffered: before?.isOffered ?? false };
  if (group === "always" && hasShopped) offer(session, visit, context);
  else context.state.put(session, visit, { ttlMs: dayMs });
}

function weigh({ id, output }: Scored, context: Context<Config>): void {
  const visit = context.state.get(id) as Visit | undefined;
  if (visit?.group !== "model" || !visit.hasShopped || output === null) return;
  const { margin, discount, persuaded } = context.config;
  const gain = (1 - output) * persuaded * (margin - discount);
  if (gain > output * discount) offer(id, visit, context);
}

function offer(session: string, visit: Visit, context: Context<Config>): void {
  if (visit.isOffered) return;
  context.state.put(session, { ...visit, isOffered: true }, { ttlMs: dayMs });
  context.emit("shop.offer", { session, discount: context.config.discount }, { key: session });
}
