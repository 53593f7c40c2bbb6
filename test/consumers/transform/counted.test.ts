import t from "tap";
import {
  counted,
  deduplicate,
  filter,
  map,
  pipe,
  split,
  to,
  transform,
} from "../../../consumers/index.js";
import { recordedLog, runOver } from "../recorded.js";

t.test(
  "counted: what a step drops is counted by reason, and published where that is wanted",
  async (t) => {
    const bodies = [{ id: 1 }, { id: 1 }, {}, { id: 2 }, { id: 1 }, { id: 3, many: [] }, {}];
    const log = await recordedLog(
      bodies.map((msg) => ({ at: 1_000, msg })),
      2_000,
    );
    const hasId = filter(({ msg }) => Object.hasOwn(msg as object, "id"));
    const plugin = transform({
      name: "clean",
      topics: ["in"],
      handle: pipe(
        counted("no id", hasId, { to: "bad" }),
        counted("twice", deduplicate({ by: "msg.id", withinMs: 1_000 })),
        counted("empty", split("msg.many", { as: "one" })),
        to("out"),
      ),
    });
    const { outputs } = await runOver(log, plugin);
    t.strictSame(
      outputs.map(({ topic, msg }) => [topic, msg]),
      [2, 6].map((offset) => ["bad", { reason: "no id", offset, topic: "in", msg: {} }]),
    );
  },
);

t.test("counted: counts stand in the table `dropped`, those of steps that wait too", async (t) => {
  const log = await recordedLog(
    [1, 2, 3].map((n) => ({ at: 1_000, msg: { n } })),
    2_000,
  );
  const plugin = transform({
    name: "counts",
    topics: ["in"],
    handle: pipe(
      counted("odd", {
        run: async (item) => ((item.msg as { n: number }).n % 2 ? undefined : item),
      }),
      map((_, { table }) => table("dropped").get("odd")),
      to("out"),
    ),
  });
  const { outputs } = await runOver(log, plugin);
  t.strictSame(
    outputs.map(({ msg }) => msg),
    [1],
    "one had been dropped before the second came",
  );
});

t.test("counted: refuses a step without a reason, and one that uses its table", (t) => {
  const invalid = { code: "OPTIONS_INVALID" };
  t.throws(
    () =>
      counted(
        "",
        filter(() => true),
      ),
    invalid,
  );
  const step = deduplicate({ by: "msg.id", withinMs: 1, table: "dropped" });
  t.throws(() => counted("twice", step), invalid);
  t.end();
});
