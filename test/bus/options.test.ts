import t from "tap";
import type { QueryOptions, SubscribeOptions } from "../../bus/bus.js";
import { connect } from "../../bus/client/connect.js";
import { type OpenBusOptions, openBus } from "../../bus/open-bus.js";

t.test("options: what is misspelt or out of range is refused, and named", async (t) => {
  const wrong = { code: "OPTIONS_INVALID" };
  await t.rejects(openBus({ dri: "x" } as OpenBusOptions), { ...wrong, message: /dri/ });
  await t.rejects(connect("tcp://127.0.0.1:1", { timeuot: 1 } as object), wrong);
  const bus = await openBus();
  const queries = [{ pattern: "a" }, { order: "down" }, { where: "msg.x" }, { limit: -1 }, "a.#"];
  for (const query of queries) t.throws(() => bus.query(query as QueryOptions), wrong);
  const starts = [{ form: "earliest" }, { from: "erliest" }, { from: 5 }, { from: { offset: -1 } }];
  for (const start of starts)
    t.throws(() => bus.subscribe("a.#", start as SubscribeOptions), wrong, JSON.stringify(start));
  await bus.close();
});

t.test(
  "retention: what a pattern's retention has left is there without asking from where",
  async (t) => {
    const bus = await openBus({ dir: t.testdir() });
    const publisher = bus.publisher();
    for (let n = 0; n < 5; n++) await publisher.publish(n % 2 === 0 ? "hz.a" : "hz.b", { n });
    await bus.trim({ pattern: "hz.a", countMax: 1 });
    for (const order of ["asc", "desc"] as const) {
      const found = [];
      for await (const event of bus.query({ patterns: "hz.a", order })) found.push(event.msg);
      t.same(found, [{ n: 4 }], order);
    }
    for await (const event of bus.subscribe("hz.a", { from: "earliest" })) {
      t.same(event.msg, { n: 4 });
      break;
    }
    const asked = bus.query({ patterns: "hz.a", from: 0 });
    await t.rejects(asked[Symbol.asyncIterator]().next(), { code: "LOG_TRUNCATED" });
    await bus.close();
  },
);
