// Scores each transaction with the newest model of its kind.
import { serve } from "fedbus/consumers";

export default serve({
  name: "score-trees",
  version: "1.0",
  topics: ["card.enriched"],
  model: "fraud-trees",
  output: "card.scored.trees",
  id: "msg.tx",
  missing: "pass", // somebody stands at the counter
});
