import { outputTopic, query } from "./query.js";

const topic = outputTopic("q1");

/** Currency conversion: dollars to euros. In Beam, whole cents. */
export default query("q1", (semantics) => {
  const convert =
    semantics === "sql"
      ? (price: number) => (price * 908) / 1000
      : (price: number) => Math.floor((price * 89) / 100);
  return { bid: (bid, context) => context.emit(topic, { ...bid, price: convert(bid.price) }) };
});
