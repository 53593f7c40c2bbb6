// Tells when a driver has been too fast for ten seconds, and when no longer.
import { rule, rules } from "fedbus/consumers";

export interface Driven {
  readonly car: string;
  readonly at: number;
  readonly kmh: number;
  readonly driver: string;
}

export default rules({
  name: "speeding",
  version: "1.0",
  topics: ["car.driven"],
  key: ({ msg }) => (msg as Driven).driver,
  clock: "event",
  watermark: { time: ({ msg }) => (msg as Driven).at },
  rules: [
    rule.heldFor({
      name: "too-fast",
      when: "msg.kmh > 60.0",
      clearWhen: "msg.kmh < 55.0",
      forMs: 10_000,
      value: ({ msg }) => (msg as Driven).kmh,
      message: "{key} has been faster than 60 km/h for ten seconds, now {value}",
    }),
  ],
});
