import fc from "fast-check";
import t from "tap";
import { join } from "../../../consumers/index.js";
import { patienceMs } from "../../bus/seed.js";
import { busOf, over } from "../over-log.js";
import { assertAsyncProperty, disturbances } from "../property.js";
import { keyOf, type Sample, samples } from "./timeline.js";

t.setTimeout(patienceMs);

const side = (name: string) => ({
  topics: [`in.${name}`],
  key: keyOf,
  where: ({ msg }: { readonly msg: unknown }) => (msg as Sample).t % 7 !== 0,
  value: ({ msg }: { readonly msg: unknown }) => (msg as Sample).id,
});

const joiner = join<number, number>({
  name: "joiner",
  left: side("l"),
  right: side("r"),
  within: "unbounded",
  output: (l, r, key) => ({ topic: "out.pair", msg: `${l}-${r}-${key}` }),
});

const busFor = (events: readonly Sample[]) =>
  busOf(events.map((msg) => ({ topic: `in.${msg.side}`, msg })));

/** Every pair, in the order in which its second half came; then of its first. */
function model(events: readonly Sample[]): string[] {
  return events.flatMap((second) =>
    events
      .filter(
        ({ id, key, side, t }) =>
          id < second.id && key === second.key && side !== second.side && t % 7 !== 0,
      )
      .filter(() => second.t % 7 !== 0)
      .map((first) => (second.side === "l" ? [second, first] : [first, second]))
      .map(([l, r]) => `${l!.id}-${r!.id}-${second.key}`),
  );
}

t.test("unbounded join: joins each row with all before it, through crashes too", async () => {
  const property = fc.asyncProperty(samples, disturbances, async (events, how) => {
    await using bus = await busFor(events);
    const plain = await over(bus, joiner);
    const pairs = plain.outputs.map(({ msg }) => msg);
    if (JSON.stringify(pairs) !== JSON.stringify(model(events)))
      throw new Error(`${pairs}\nand not\n${model(events)}`);
    const { commitEventsMax, crashAt } = how;
    const disturbed = await over(bus, joiner, { limits: { commitEventsMax }, crashAt });
    if (plain.bytes !== disturbed.bytes || plain.sha256 !== disturbed.sha256)
      throw new Error(`${plain.bytes}\nand not\n${disturbed.bytes}`);
  });
  await assertAsyncProperty(property, 33);
});

t.test("unbounded join: a key with many rows keeps them all, in order", async (t) => {
  const rights = Array.from(
    { length: 300 },
    (_, id) => ({ id, side: "r", key: "k", t: 1 }) as const,
  );
  const events: Sample[] = [...rights, { id: 300, side: "l", key: "k", t: 1 }];
  await using bus = await busFor(events);
  const { outputs } = await over(bus, joiner, { limits: { commitEventsMax: 50 } });
  t.same(
    outputs.map(({ msg }) => msg),
    rights.map(({ id }) => `300-${id}-k`),
  );
});

t.test("unbounded join: a key may have so many rows and no more", async (t) => {
  const bounded = join<number, number>({
    name: "bounded",
    left: side("l"),
    right: side("r"),
    within: "unbounded",
    rowsMax: 70,
    attemptsMax: 1,
    output: (l, r) => ({ topic: "out.pair", msg: `${l}-${r}` }),
  });
  const events = Array.from(
    { length: 71 },
    (_, id) => ({ id, side: "r", key: "k", t: 1 }) as const,
  );
  await using bus = await busFor([...events, { id: 71, side: "l", key: "k", t: 1 }]);
  const { outputs } = await over(bus, bounded);
  t.match(outputs[0]?.msg, { error: { code: "STATE_LIMIT" }, event: { offset: 70 } });
  t.equal(outputs.length, 1 + 70);
});
