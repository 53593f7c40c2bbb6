// Days that cost a team far more than its days before: more than `threshold` standard deviations above their mean.
import { filter, pipe, to, transform, zScore } from "fedbus/consumers";

interface Config {
  readonly threshold: number;
}

export default transform<Config>({
  name: "cost-anomalies",
  version: "1.0",
  topics: ["cloud.team.day"],
  config: {
    type: "object",
    additionalProperties: false,
    properties: {
      threshold: { type: "number", default: 3, description: "Standard deviations above the mean" },
    },
  },
  handle: pipe(
    zScore("msg.cost", { by: "msg.key", as: "msg.score" }),
    filter<Config>(({ msg }, { config }) => {
      const { score } = msg as { readonly score: number | null };
      return score !== null && score > config.threshold;
    }),
    to("cloud.anomaly"),
  ),
});
