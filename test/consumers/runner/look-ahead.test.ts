import t from "tap";
import { type Consumer, consumer, type RunnerLimits } from "../../../consumers/index.js";
import { busOf, over } from "../over-log.js";

/** How far ahead a consumer is told of events, at most. */
async function mostAhead(spec: { prefetchEventsMax?: number }, limits: Partial<RunnerLimits>) {
  let [told, most] = [-1, 0];
  const plugin: Consumer = consumer({
    name: "ahead",
    topics: ["in"],
    ...spec,
    prefetch: ({ offset }) => {
      told = offset;
    },
    handle: ({ offset }) => {
      most = Math.max(most, told - offset);
    },
  });
  await using bus = await busOf(Array.from({ length: 60 }, (_, msg) => ({ topic: "in", msg })));
  await over(bus, plugin, { limits });
  return most;
}

t.test(
  "look ahead: as far as the runner allows, and no further than the consumer wants",
  async (t) => {
    t.equal(await mostAhead({}, { prefetchEventsMax: 20 }), 20);
    t.equal(await mostAhead({ prefetchEventsMax: 7 }, { prefetchEventsMax: 20 }), 7);
    t.equal(await mostAhead({ prefetchEventsMax: 30 }, { prefetchEventsMax: 20 }), 20);
    t.throws(
      () => consumer({ name: "a", topics: ["in"], prefetchEventsMax: -1, handle: () => {} }),
      {
        code: "OPTIONS_INVALID",
      },
    );
  },
);
