// A table of drivers: how often each was too fast, and for how long in all.
import { consumer } from "fedbus/consumers";

interface Report {
  readonly key: string;
  readonly since: number;
  readonly at: number;
}

interface Record {
  readonly violations: number;
  /** Of those that are over. */
  readonly seconds: number;
}

export default consumer({
  name: "violations",
  version: "1.0",
  topics: ["consumers.speeding.alert", "consumers.speeding.clear"],
  key: ({ msg }) => (msg as Report).key,
  handle({ topic, msg }, { state }) {
    const { key, since, at } = msg as Report;
    const { violations, seconds } = (state.get(key) as Record) ?? { violations: 0, seconds: 0 };
    if (topic.endsWith(".alert")) state.put(key, { violations: violations + 1, seconds });
    else state.put(key, { violations, seconds: seconds + (at - since) / 1_000 });
  },
});
