// Says of each visit, whenever more is known of it, how likely it is to end in a purchase.
import { serve } from "fedbus/consumers";

export default serve({
  name: "cart-score",
  version: "1.0",
  topics: ["shop.session.*"],
  model: "cart-buys",
  output: "shop.scored",
  id: "msg.session",
  missing: "pass",
});
