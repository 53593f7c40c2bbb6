// Predicts every 15 minutes how the next hour will differ, and says an hour later how wrong that was.
import { serve } from "fedbus/consumers";
import { hourBefore, hourOf } from "./hours.js";

export default serve({
  name: "machine-predict",
  version: "1.0",
  topics: ["machine.hour"],
  model: "machine-heat",
  output: "machine.predicted",
  id: hourOf,
  missing: "pass",
  outcomes: {
    topics: ["machine.hour"],
    id: hourBefore,
    label: "msg.change",
    withinMs: 24 * 3_600_000,
  },
});
