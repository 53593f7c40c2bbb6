import t from "tap";
import { rule, rules } from "../../../consumers/index.js";
import { busOf, over } from "../over-log.js";

t.test("rules: alerts and their ids go by the name that the consumer runs under", async (t) => {
  await using bus = await busOf([{ topic: "in", msg: { hot: true } }], 10_000);
  const own = rules({
    ...{ name: "machines", topics: ["in"], key: () => "m1" },
    rules: [
      rule.heldFor({
        ...{ name: "hot", forMs: 1_000, severity: "warning" },
        when: ({ msg }) => (msg as { hot: boolean }).hot,
      }),
    ],
  });
  const topics = async (made: typeof own) =>
    (await over(bus, made)).outputs.map(({ topic, msg }) => [topic, (msg as { id: string }).id]);
  t.same(await topics(own), [["consumers.machines.alert", "machines/hot/m1/0"]]);
  const renamed = { ...own, name: "ex-machines" };
  t.same(await topics(renamed), [["consumers.ex-machines.alert", "ex-machines/hot/m1/0"]]);
});
