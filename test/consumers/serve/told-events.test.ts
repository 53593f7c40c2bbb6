import { test } from "tap";
import { ToldEvents } from "../../../consumers/serve/told-events.js";
import { eventOf } from "../models/plain-features.js";

test("told events: what no model scores is let go of", (t) => {
  const told = new ToldEvents();
  const events = Array.from({ length: 5_000 }, (_, offset) => eventOf({}, { offset }));
  for (const [index, event] of events.entries()) {
    told.tell(event);
    // The runner tells of some events ahead.
    if (index >= 100) told.skip(events[index - 100]!);
  }
  t.ok(told.length < 1_200, `it holds ${told.length}`);
  t.same(told.take(events[4_900]!, 3), events.slice(4_900, 4_903), "what is ahead it keeps");
  t.end();
});
