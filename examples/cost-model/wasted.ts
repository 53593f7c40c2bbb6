// Puts beside each charge how much of the resource was used at its time, and with it what was paid for nothing.
import { joinTable } from "fedbus/consumers";
import type { Charge } from "./clean.js";

interface Utilisation {
  readonly resource: string;
  /** From 0 to 1. */
  readonly used: number;
}

const dayMs = 86_400_000;

export default joinTable({
  name: "cost-wasted",
  version: "1.0",
  stream: { topics: ["cloud.cost"], key: ({ msg }) => (msg as Charge).resource },
  table: {
    topics: ["cloud.utilisation"],
    key: ({ msg }) => (msg as Utilisation).resource,
    value: ({ msg }) => (msg as Utilisation).used,
  },
  type: "left", // a charge whose utilisation nobody knows counts too
  asOf: "event-time",
  keepMs: 40 * dayMs, // a whole month is loaded at once here: its first rows are still asked for at its end
  watermark: {
    time: ({ topic, msg, timestamp }) => (topic === "cloud.cost" ? (msg as Charge).at : timestamp),
  },
  output: (charge, used) => {
    const { cost } = charge as Charge;
    const known = used === undefined ? null : (used as number);
    const wasted = known === null ? 0 : cost * (1 - known);
    return { topic: "cloud.cost.wasted", msg: { ...(charge as Charge), used: known, wasted } };
  },
});
