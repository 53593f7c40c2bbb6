import type { Context } from "../../../consumers/index.js";
import { outputTopic, query } from "./query.js";

const topic = outputTopic("q0");
const pass = (record: object, context: Context) => context.emit(topic, record);

/** Pass-through: what reading and writing alone cost. Bids only; in Beam, all events. */
export default query("q0", (semantics) =>
  semantics === "sql" ? { bid: pass } : { person: pass, auction: pass, bid: pass },
);
