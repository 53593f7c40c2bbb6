import t from "tap";
import { Descriptions, describe } from "../../schemas/index.js";

const event = (topic: string, msg: unknown = {}) => ({ topic, msg });

t.test("describe: the most specific pattern's hook is asked, and schemas are bound", async (t) => {
  const descriptions = new Descriptions(
    describe(
      { topics: "shop.#", describe: ({ msg }) => ({ subtitle: `shop ${msg}` }) },
      { topics: ["shop.order.*"], describe: () => ({ subtitle: "order" }) },
      { schema: "pay", describe: () => ({ title: "paid" }) },
    ),
    describe({ topics: "other", describe: () => undefined }),
  );
  t.strictSame(descriptions.of(event("shop.x", 1)), { subtitle: "shop 1" });
  t.strictSame(descriptions.of(event("shop.order.a")), { subtitle: "order" });
  t.equal(descriptions.of(event("other")), undefined);
  t.equal(descriptions.of(event("bank.paid")), undefined);
  descriptions.bind([{ name: "pay", topics: ["bank.*"] }]);
  t.strictSame(descriptions.of(event("bank.paid")), { title: "paid" });
  t.strictSame(descriptions.of(event("shop.x", 2)), { subtitle: "shop 2" });
});

t.test("describe: a hook that throws hides no event, and is told", async (t) => {
  const hook = () => {
    throw new Error("no such member");
  };
  const descriptions = new Descriptions(describe({ topics: "a", describe: hook }));
  t.equal(descriptions.failures.count, 0);
  t.equal(descriptions.of(event("a")), undefined);
  t.equal(descriptions.of(event("a")), undefined);
  t.match(descriptions.failures, {
    count: 2,
    first: { code: "PLUGIN_INVALID", message: /on a .*no such member/ },
  });
});

t.test("describe: what is no describer is refused at once", async (t) => {
  t.throws(() => describe({ topics: "a", describe: "x" as never }), TypeError);
  t.throws(() => describe({ describe: () => undefined }), TypeError);
  t.throws(() => describe({ topics: "a..b", describe: () => undefined }), {
    code: "PATTERN_INVALID",
  });
});
