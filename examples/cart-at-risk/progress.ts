// What is known of a visit so far, each time that something is added to it.
import { consumer } from "fedbus/consumers";

interface Seen {
  readonly session: string;
}

export interface Session extends Seen {
  readonly group: "never" | "always" | "model";
  /** When it was seen last, ms since 1970. */
  readonly at: number;
  /** Absent until there were some. */
  readonly productPages?: number;
}

const dayMs = 86_400_000;

export default consumer({
  name: "shop-progress",
  version: "1.0",
  topics: ["shop.viewed"],
  key: ({ msg }) => (msg as Seen).session,
  handle({ msg, timestamp: at }, { state, emit }) {
    const { session } = msg as Seen;
    const soFar = { ...(state.get(session) as Session), ...(msg as Session), at };
    state.put(session, soFar, { ttlMs: dayMs });
    emit(`shop.session.${soFar.group}`, soFar, { key: session });
  },
});
