// Fits boosted trees each day anew.
import { train } from "fedbus/consumers";
import { study } from "./studies.js";

export default train({
  ...study,
  name: "fraud-trees",
  model: "gbdt",
  hyper: { trees: 40, maxLeaves: 8, learningRate: 0.1 },
  window: { rows: 20_000 },
});
