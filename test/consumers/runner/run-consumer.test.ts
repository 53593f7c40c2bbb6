import t from "tap";
import { type Consumer, consumer, runConsumer } from "../../../consumers/index.js";
import { eventsOn, memoryBus, start } from "../running.js";

const limited = consumer<{ readonly limit: number }>({
  name: "limited",
  topics: ["in"],
  config: {
    type: "object",
    additionalProperties: false,
    properties: { limit: { type: "integer", minimum: 1, default: 7 } },
  },
  handle: (_, { config, emit }) => emit("out", config.limit),
});

t.test(
  "runConsumer: fills in the defaults of a configuration, and refuses what is wrong",
  async (t) => {
    const bus = await memoryBus(t);
    await bus.publisher().publish("in", {});
    const running = start(bus, limited as Consumer, { dir: t.testdir() });
    await running.caughtUp();
    await running.stop();
    t.strictSame(
      (await eventsOn(bus, "out")).map(({ msg }) => msg),
      [7],
    );
    const wrong = { dir: t.testdir(), config: { limit: 0, other: 1 } };
    await t.rejects(runConsumer(bus, limited as Consumer, wrong), {
      code: "OPTIONS_INVALID",
    });
  },
);

t.test(
  "table: a time to live that is no number of ms spoils one event, not the commit",
  async (t) => {
    const bus = await memoryBus(t);
    const publisher = bus.publisher();
    const times = [60_000, Number.NaN, Number.POSITIVE_INFINITY, -1, 0];
    for (const index of times.keys()) await publisher.publish("in", index);
    const keeper = consumer({
      name: "keeper",
      topics: ["in"],
      attemptsMax: 1,
      handle({ msg }, { state, emit }) {
        state.put(String(msg), msg, { ttlMs: times[msg as number]! });
        emit("out", msg);
      },
    });
    const running = start(bus, keeper, { dir: t.testdir() });
    await running.caughtUp();
    await running.stop();
    t.strictSame(
      (await eventsOn(bus, "out")).map(({ msg }) => msg),
      [0, 4],
    );
    const letters = await eventsOn(bus, "consumers.keeper.dead-letter");
    const codes = letters.map(({ msg }) => (msg as { error: { code: string } }).error.code);
    t.strictSame(codes, ["STATE_INVALID", "STATE_INVALID", "STATE_INVALID"]);
  },
);
