// Tells when a room's air is bad, when its light burns for nobody, and when its sensors fall silent; and when that is over.
import { rule, rules } from "fedbus/consumers";
import type { Reading } from "./clean.js";

const minuteMs = 60_000;

export default rules({
  name: "room-alerts",
  version: "1.0",
  topics: ["room.measured"],
  key: ({ msg }) => (msg as Reading).room,
  clock: "event", // by when readings were taken, not by when they came
  watermark: { time: ({ msg }) => (msg as Reading).at, outOfOrderMs: 5 * minuteMs },
  rules: [
    rule.heldFor({
      name: "bad-air",
      when: "msg.co2 > 1000.0",
      clearWhen: "msg.co2 < 900.0", // not at once, so that it does not flap
      forMs: 10 * minuteMs,
      severity: "critical",
      value: ({ msg }) => (msg as Reading).co2,
      message: "CO2 in {key} has been over 1000 ppm for ten minutes, now {value}",
    }),
    rule.heldFor({
      name: "light-for-nobody",
      when: "msg.light > 300.0 && !msg.occupied",
      forMs: 15 * minuteMs,
      message: "the light in {key} has been on for a quarter of an hour, and nobody is there",
    }),
    rule.absent({
      name: "silent",
      forMs: 5 * minuteMs,
      message: "no reading from {key} for five minutes",
    }),
  ],
});
