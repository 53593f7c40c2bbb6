// The packages that people worked on most, by year (of 365.25 days, as long as a year is on average).
import { aggregate, distinct, topK, tumbling } from "fedbus/consumers";

export default aggregate({
  name: "fedora-packages",
  version: "1.0",
  topics: ["fedora.package", "fedora.time"],
  time: "msg.at",
  key: ({ topic }) => (topic === "fedora.package" ? "all" : undefined),
  window: tumbling({ sizeMs: 365.25 * 86_400_000 }),
  accumulators: {
    packages: distinct("msg.package"),
    top: topK("msg.package", 5),
  },
  output: "fedora.year",
});
