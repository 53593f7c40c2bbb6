import t from "tap";
import {
  enrichWith,
  filter,
  map,
  type Outputs,
  pipe,
  rename,
  split,
  type TransformSpec,
  to,
  transform,
} from "../../../consumers/index.js";
import { harness } from "../../../testing.js";
import { recordedLog, runOver } from "../recorded.js";

/** What a transform publishes for some bodies. */
async function published(handle: TransformSpec["handle"], bodies: readonly unknown[]) {
  const log = await recordedLog(
    bodies.map((msg, at) => ({ at: 1_000 + at, msg })),
    100_000,
  );
  const plugin = transform({ name: "made", topics: ["in"], attemptsMax: 1, handle });
  return (await runOver(log, plugin)).outputs.map(({ topic, msg, headers }) => {
    return { topic, msg, headers };
  });
}

t.test("transform: none, one or several outputs an event, at once or later", async (t) => {
  const made: readonly Outputs[] = [
    undefined,
    [],
    { topic: "out.one", msg: 1, headers: { unit: "m" }, key: "k" },
    [
      { topic: "out.two", msg: null },
      { topic: "out.three", msg: { a: 1 } },
    ],
  ];
  const expected = [
    { topic: "out.one", msg: 1, headers: { unit: "m", cause: { offset: 2, key: "k" } } },
    { topic: "out.two", msg: null, headers: { cause: { offset: 3 } } },
    { topic: "out.three", msg: { a: 1 }, headers: { cause: { offset: 3 } } },
  ];
  const numbers = [0, 1, 2, 3];
  t.match(await published(({ msg }) => made[msg as number], numbers), expected);
  const later = await published(async ({ msg }) => made[msg as number], numbers);
  t.match(later, expected);
  t.equal(later.length, 3);
});

t.test("pipe: headers go through, but not those of an output's own place", async (t) => {
  const h = await harness(transform({ ...{ name: "p", topics: ["in"] }, handle: pipe(to("out")) }));
  t.teardown(() => h.close());
  const cause = { consumer: "before", version: "1", offset: 0 };
  const headers = { trace: "t1", corrects: 7, cause };
  const [output] = await h.feed("in", 1, { headers });
  t.same(output?.headers, { trace: "t1", cause: { consumer: "p", version: "0", offset: 0 } });
});

t.test("pipe: filter, enrichWith, rename, map, split, to, one after another", async (t) => {
  const handle = pipe(
    filter(({ msg }) => (msg as { lines?: unknown }).lines !== undefined),
    enrichWith(({ msg }) => ({ total: (msg as { lines: unknown[] }).lines.length, seen: true })),
    rename({ "msg.customer.name": "msg.who", "msg.absent": "msg.present" }),
    split("msg.lines", { as: "line" }),
    map(({ msg }) => ({ ...(msg as object), mapped: true })),
    to(({ msg }) => `out.${(msg as { line: string }).line}`),
  );
  const order = { customer: { name: "Ada", id: 7 }, lines: ["x", "y"] };
  const rest = { customer: { id: 7 }, total: 2, seen: true, who: "Ada", mapped: true };
  const found = await published(handle, [{ other: 1 }, order, { ...order, lines: [] }]);
  t.same(
    found.map(({ topic, msg }) => ({ topic, msg })),
    [
      { topic: "out.x", msg: { ...rest, line: "x" } },
      { topic: "out.y", msg: { ...rest, line: "y" } },
    ],
  );
});

t.test("pipe: a step may wait; the order stays", async (t) => {
  const handle = pipe(
    split("msg.all"),
    map(async ({ msg }) => (msg as number) * 10),
    enrichWith(() => undefined),
    to("out"),
  );
  const found = await published(handle, [{ all: [3, 1, 2] }, { all: [5] }, { all: "no array" }]);
  t.same(
    found.map(({ msg }) => msg),
    [30, 10, 20, 50],
  );
});

t.test("pipe: the event's own body is not changed", async (t) => {
  const seen: unknown[] = [];
  const handle = pipe(
    rename({ "msg.a.b": "msg.c" }),
    enrichWith(({ event }) => {
      seen.push(structuredClone(event.msg));
      return { extra: 1 };
    }),
    to("out"),
  );
  const found = await published(handle, [{ a: { b: 1 } }]);
  t.same(seen, [{ a: { b: 1 } }]);
  t.same(
    found.map(({ msg }) => msg),
    [{ a: {}, c: 1, extra: 1 }],
  );
});

t.test("pipe: what would be published where it was read becomes a dead letter", async (t) => {
  const [letter] = await published(pipe(filter(() => true)), [{ a: 1 }]);
  t.match(letter, {
    topic: "consumers.made.dead-letter",
    msg: { error: { code: "TOPIC_INVALID" }, event: { offset: 0 } },
  });
});

t.test("transform: what cannot be is refused", (t) => {
  const wrong = { code: "OPTIONS_INVALID" };
  t.throws(() => transform({ name: "x", topics: ["in"] } as unknown as TransformSpec), wrong);
  t.throws(() => transform({ name: "x", topics: ["in"], handle() {}, to: 1 } as never), wrong);
  t.throws(() => rename({ "msg.a": "b" }), wrong);
  t.throws(() => rename({ "msg.__proto__.a": "msg.b" }), wrong);
  t.throws(() => split("msg"), wrong);
  t.throws(() => to(5 as unknown as string), wrong);
  t.end();
});
