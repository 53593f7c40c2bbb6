// Puts the driver to each reading: who had the car at that time.
import { joinTable } from "fedbus/consumers";
import type { Speed } from "./located.js";

interface Assignment {
  readonly car: string;
  readonly driver: string;
}

export default joinTable({
  name: "car-driven",
  version: "1.0",
  stream: { topics: ["car.located"], key: ({ msg }) => (msg as Speed).car },
  table: {
    topics: ["fleet.driver"],
    key: ({ msg }) => (msg as Assignment).car,
    value: ({ msg }) => (msg as Assignment).driver,
  },
  asOf: "event-time",
  watermark: {
    time: ({ topic, msg, timestamp }) => (topic === "car.located" ? (msg as Speed).at : timestamp),
  },
  output: (reading, driver) => ({ topic: "car.driven", msg: { ...(reading as Speed), driver } }),
});
