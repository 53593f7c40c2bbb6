// Scores each transaction with the newest model of its kind.
import { serve } from "fedbus/consumers";

export default serve({
  name: "score-logistic",
  version: "1.0",
  topics: ["card.enriched"],
  model: "fraud-logistic",
  output: "card.scored.logistic",
  id: "msg.tx",
  missing: "pass", // somebody stands at the counter
});
