// How much happens, by category and hour: events, and the people behind them.
import { aggregate, count, distinct, tumbling } from "fedbus/consumers";

export default aggregate({
  name: "fedora-hours",
  version: "1.0",
  topics: ["fedora.fact", "fedora.time"],
  time: "msg.at",
  key: "msg.category", // the heartbeat has none: it only moves time
  window: tumbling({ sizeMs: 3_600_000 }),
  accumulators: { events: count(), users: distinct("msg.user") },
  output: "fedora.hour",
});
