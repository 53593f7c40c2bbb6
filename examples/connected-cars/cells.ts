// How fast the traffic is in each cell of the map, every five minutes.
import { aggregate, distinct, max, mean, tumbling } from "fedbus/consumers";

export default aggregate({
  name: "road-cells",
  version: "1.0",
  topics: ["car.located"],
  key: "msg.cell",
  time: "msg.at",
  window: tumbling({ sizeMs: 5 * 60_000 }),
  accumulators: { cars: distinct("msg.car"), kmh: mean("msg.kmh"), kmhMax: max("msg.kmh") },
  output: "road.cell",
});
