// Says of each reading how likely the car is to be too fast in ten seconds.
import { serve } from "fedbus/consumers";
import type { Motion } from "./motion.js";

export default serve({
  name: "car-foresee",
  version: "1.0",
  topics: ["car.motion"],
  model: "car-too-fast",
  output: "car.foreseen",
  id: ({ msg }) => `${(msg as Motion).car} ${(msg as Motion).at}`,
});
