import { outputTopic, query } from "./query.js";

const topic = outputTopic("q3");
const category = 10;
const states: ReadonlySet<string> = new Set(["OR", "ID", "CA"]);

/** What is kept of a person; false of one who lives elsewhere. */
type Seller = { readonly name: string; readonly city: string; readonly state: string } | false;

/**
 * Local item suggestion: who sells in category 10 in three states? An incremental join in which
 * either side may come first; people and waiting auctions are kept for ever, as the SQL asks.
 */
export default query("q3", () => ({
  person({ id, name, city, state }, context) {
    const key = String(id);
    const seller: Seller = states.has(state) && { name, city, state };
    context.table<Seller>("sellers").put(key, seller);
    const waiting = context.table<number[]>("waiting");
    const auctions = waiting.get(key);
    if (auctions === undefined) return;
    waiting.delete(key);
    if (seller) for (const auction of auctions) context.emit(topic, { ...seller, id: auction });
  },
  auction({ id, category: itsCategory, seller }, context) {
    if (itsCategory !== category) return;
    const key = String(seller);
    const found = context.table<Seller>("sellers").get(key);
    if (found) context.emit(topic, { ...found, id });
    if (found !== undefined) return;
    const waiting = context.table<number[]>("waiting");
    waiting.put(key, [...(waiting.get(key) ?? []), id]);
  },
}));
