import { join } from "node:path";
import t from "tap";
import { type Bus, openBus } from "../../../bus/index.js";
import { type Consumer, consumer } from "../../../consumers/index.js";
import { type ExplainOptions, effectsOf, explain, rerun } from "../../../replay/index.js";
import { patienceMs, seeded } from "../../bus/seed.js";
import { ledger } from "../../consumers/runner/ledger.js";
import { eventsOn, start } from "../../consumers/running.js";
import { busOfDeposits } from "../deposits.js";
import { scratch } from "../scratch.js";

t.setTimeout(patienceMs);

/** Sums by key in windows of 100 ms of event time. */
const sums = consumer({
  name: "sums",
  topics: ["in.#"],
  key: (event) => (event.msg as { key: string }).key,
  watermark: { time: (event) => (event.msg as { at: number }).at },
  handle: (event, { table, timers }) => {
    const { key, at, n } = event.msg as { key: string; at: number; n: number };
    const start = at - (at % 100);
    const id = `${key} ${start}`;
    table<number>("sums").put(id, (table<number>("sums").get(id) ?? 0) + n);
    timers.set("event", start + 100, key);
  },
  timer: ({ at, key }, { table, emit }) => {
    const window = { start: at - 100, end: at };
    emit("sums.closed", { key, sum: table("sums").get(`${key} ${at - 100}`) }, { key, window });
  },
});

/** Doubles what sums publishes. */
const doubles = consumer({
  name: "doubles",
  topics: ["sums.closed"],
  handle: (event, { emit }) => emit("doubles.out", (event.msg as { sum: number }).sum * 2),
});

const plugins: Readonly<Record<string, Consumer>> = { sums, doubles, ledger };
const candidateFor: ExplainOptions["candidateFor"] = async (name) =>
  plugins[name] === undefined ? undefined : { consumer: plugins[name] };

async function publish(bus: Bus): Promise<void> {
  await using publisher = bus.publisher();
  // at:   10 a   20 b   60 a | 110 a  130 b | 200 a | 350 c
  for (const [key, at] of [
    ...([
      ["a", 10],
      ["b", 20],
      ["a", 60],
      ["a", 110],
    ] as const),
    ...([
      ["b", 130],
      ["a", 200],
      ["c", 350],
    ] as const),
  ])
    await publisher.publish(`in.${key}`, { key, at, n: at });
}

async function ran(bus: Bus, plugin: Consumer, dir: string): Promise<void> {
  const running = start(bus, plugin, { dir });
  await running.caughtUp();
  await running.stop();
}

t.test("explain: back to the sources, by key and window, and forward again", async (t) => {
  await using bus = await openBus();
  await publish(bus);
  await ran(bus, sums, scratch(t));
  await ran(bus, doubles, scratch(t));
  const outputs = await eventsOn(bus, "doubles.out");
  t.same(
    outputs.map(({ msg }) => msg),
    [140, 40, 220, 260, 400],
    "windows of a, b; a, b; a",
  );
  const [first] = outputs;
  const explanation = await explain(bus.source, first!.offset, { candidateFor });
  t.match(explanation, {
    topic: "doubles.out",
    msg: 140,
    cause: {
      consumer: "doubles",
      event: {
        topic: "sums.closed",
        msg: { key: "a", sum: 70 },
        cause: {
          consumer: "sums",
          key: "a",
          window: [0, 100],
          offset: 3,
          event: { offset: 3, topic: "in.a", msg: { at: 110 } },
          inputs: { by: "key and window", count: 2, last: [{ offset: 0 }, { offset: 2 }] },
        },
      },
    },
  });
  t.equal(explanation?.cause?.event?.cause?.event?.cause, undefined, "a source");
  const unknown = await explain(bus.source, first!.offset);
  t.notOk("inputs" in unknown!.cause!, "without the plugin nothing is claimed");

  const { effects, isCut } = await effectsOf(bus.source, 3);
  t.notOk(isCut);
  t.same(
    effects.map(({ topic, consumer: by }) => [topic, by]),
    [
      ["sums.closed", "sums"],
      ["sums.closed", "sums"],
      ["doubles.out", "doubles"],
      ["doubles.out", "doubles"],
    ],
  );
  t.same(await effectsOf(bus.source, 3, { limit: 2 }), {
    effects: effects.slice(0, 2),
    isCut: true,
  });
  t.same((await effectsOf(bus.source, 1)).effects, [], "b's first event is nobody's cause");

  await using publisher = bus.publisher();
  const headers = { cause: { consumer: "sums", version: "1", offset: 3 } };
  const forged = await publisher.publish("sums.closed", { sum: -1 }, { headers });
  const behind = { cause: { consumer: "sums", version: "1", offset: forged } };
  await publisher.publish("sums.closed", { sum: -2 }, { headers: behind });
  t.same(
    (await effectsOf(bus.source, 3)).effects,
    effects,
    "what others publish did not come of it",
  );
  const denied = await explain(bus.source, forged, { candidateFor });
  t.equal(denied?.cause, undefined, "nor is it believed where it came of");
  t.match(denied?.claim, headers.cause);
});

t.test("explain: inputs are what the consumer was given", async (t) => {
  await using bus = await openBus();
  const dir = scratch(t);
  await using publisher = bus.publisher();
  const loud = consumer({
    name: "loud",
    topics: ["in.#", "loud.out"],
    key: (event) => (event.msg as { key: string }).key.toLowerCase(),
    attemptsMax: 1,
    handle: ({ msg }, { emit }) => {
      const { key } = msg as { key: string };
      emit("loud.out", { key }, { key: key.toLowerCase() });
    },
  });
  await publisher.publish("in.a", { key: "A" });
  // Its key cannot be told: a dead letter, and nothing of it in any state.
  await publisher.publish("in.a", null);
  await ran(bus, loud, dir);
  await publisher.publish("in.a", { key: "a" });
  await ran(bus, loud, dir);
  const last = (await eventsOn(bus, "loud.out")).at(-1)!;
  const explanation = await explain(bus.source, last.offset, {
    candidateFor: async () => ({ consumer: loud }),
  });
  t.match(explanation?.cause?.inputs, { by: "key", count: 2, last: [{ topic: "in.a" }, {}] });
});

t.test("explain: a cause that cannot be is not followed", async (t) => {
  await using bus = await openBus();
  await using publisher = bus.publisher();
  for (const cause of [
    { consumer: "x", version: "1", offset: 0 },
    { consumer: "x", version: "1", offset: 99 },
    { consumer: 7, offset: -1 },
    null,
    "cause",
  ])
    await publisher.publish("forged", {}, { headers: { cause } });
  for (let offset = 0; offset < 5; offset++) {
    const explanation = await explain(bus.source, offset, { candidateFor });
    t.equal(explanation?.offset, offset);
    t.equal(explanation?.cause, undefined);
  }
  t.same((await effectsOf(bus.source, 0)).effects, []);
});

t.test("rerun: the slice that led to an output gives the same bytes", async (t) => {
  await using bus = await busOfDeposits(seeded(t), 400);
  await ran(bus, ledger, scratch(t));
  const outputs = await eventsOn(bus, "ledger.#");
  const dir = join(scratch(t), "rerun");
  const slices = new Set<string>();
  for (let at = 0; at < outputs.length; at += Math.ceil(outputs.length / 25)) {
    const event = outputs[at]!;
    const { same, slice } = await rerun(event, { source: bus.source, consumer: ledger, dir });
    t.equal(same, "bytes", `${event.topic} by ${slice}`);
    slices.add(slice);
  }
  t.ok(slices.has("keys"), "most need their key's history");
  const changed = { ...ledger, version: "4" };
  const last = outputs.at(-1)!;
  t.match(await rerun(last, { source: bus.source, consumer: changed, dir }), { same: "content" });
  const silent = { ...ledger, create: () => ({ handle: () => {} }) };
  t.match(await rerun(last, { source: bus.source, consumer: silent, dir }), {
    same: "no",
    fields: [],
  });
  const [source] = await eventsOn(bus, "bank.#");
  await t.rejects(rerun(source!, { source: bus.source, consumer: ledger, dir }), {
    code: "INPUT_INVALID",
  });
});

t.test("rerun: a stateless output needs its one event", async (t) => {
  await using bus = await openBus();
  await publish(bus);
  await ran(bus, sums, scratch(t));
  await ran(bus, doubles, scratch(t));
  const [output] = await eventsOn(bus, "doubles.out");
  const dir = join(scratch(t), "rerun");
  t.match(await rerun(output!, { source: bus.source, consumer: doubles, dir }), {
    slice: "event",
    same: "bytes",
  });
});
