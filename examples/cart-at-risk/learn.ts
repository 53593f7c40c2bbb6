// Learns who buys, from those who were never made an offer: with an offer they might have done otherwise.
import { train } from "fedbus/consumers";

const numbers = [
  ...["accountPages", "accountSeconds", "aboutPages", "aboutSeconds"],
  ...["productPages", "productSeconds", "bounceRate", "exitRate", "pageValue", "weekend"],
];

export default train({
  name: "cart-buys",
  version: "1.0",
  topics: ["shop.session.never"],
  features: [
    ...numbers.map((name) => ({ path: `msg.${name}` })),
    { path: "msg.month", encoder: "one-hot" },
    { path: "msg.kind", encoder: "one-hot" },
  ],
  task: "binary",
  labelJoin: {
    topics: ["shop.ended"],
    key: "msg.session",
    label: "msg.bought",
    withinMs: 3_600_000,
  },
  model: "gbdt",
  hyper: { trees: 40, maxLeaves: 8 },
  every: { rows: 1_000 },
  watermark: { time: ({ msg }) => (msg as { readonly at: number }).at },
});
