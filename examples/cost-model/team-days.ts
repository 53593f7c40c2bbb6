// Cost by team and day, and how much of it was for nothing.
import { aggregate, count, sum, tumbling } from "fedbus/consumers";

const dayMs = 86_400_000;

export default aggregate({
  name: "cost-team-days",
  version: "1.0",
  topics: ["cloud.cost.wasted"],
  key: "msg.team",
  time: "msg.at",
  window: tumbling({ sizeMs: dayMs }),
  accumulators: {
    charges: count(),
    allocated: count("msg.used"),
    cost: sum("msg.cost"),
    wasted: sum("msg.wasted"),
  },
  output: "cloud.team.day",
});
