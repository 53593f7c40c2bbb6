import t from "tap";
import {
  consumer,
  type DeadLetter,
  deadLetterAt,
  dropDeadLetter,
  openDeadLetters,
  retryDeadLetter,
} from "../../consumers/index.js";
import { eventsOn, memoryBus, start } from "./running.js";

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const body = (n: number) => ({ n });

t.test("dead letters: a retry is handled by its consumer alone, in its place", async (t) => {
  const bus = await memoryBus(t);
  let isBroken = true;
  const seen: Record<string, unknown[]> = { a: [], b: [], all: [] };
  const made = (name: string, topics: string[], keyed = false) =>
    consumer({
      ...{ name, topics, attemptsMax: 1 },
      ...(keyed ? { key: (event) => String((event.msg as { n: number }).n) } : {}),
      handle(event, context) {
        const { n } = event.msg as { n: number };
        if (name === "a" && n === 2 && isBroken) throw new Error("no such luck");
        seen[name]?.push([event.topic, n ?? null]);
        if (name === "a") {
          context.state.put("n", n);
          context.emit("out.a", { n, bytes: event.bytes.toString() });
        }
      },
    });
  const runs = [
    start(bus, made("a", ["in.#"], true), { dir: t.testdir({}) }),
    start(bus, made("b", ["in.#"]), { dir: `${t.testdirName}/b` }),
    start(bus, made("all", ["#"]), { dir: `${t.testdirName}/all` }),
  ];
  const publisher = bus.publisher();
  for (const n of [1, 2, 3]) await publisher.publish("in.x", body(n));
  for (const run of runs) await run.caughtUp();
  while ((await all(openDeadLetters(bus))).length === 0) await runs[0]?.caughtUp();
  const [letter] = (await all(openDeadLetters(bus, "a"))) as [DeadLetter];
  t.match(letter, {
    consumer: "a",
    kind: "event",
    event: { offset: 1, topic: "in.x" },
    attempts: 1,
    error: { message: "no such luck" },
    original: { topic: "in.x", msg: { n: 2 } },
  });
  t.same(await all(openDeadLetters(bus, "b")), []);
  isBroken = false;
  const offset = await retryDeadLetter(bus, letter);
  t.same(await all(openDeadLetters(bus)), [], "a retry deals with it");
  for (const run of runs) await run.caughtUp();
  t.same(
    seen.b,
    [
      ["in.x", 1],
      ["in.x", 2],
      ["in.x", 3],
    ],
    "nobody else gets it",
  );
  t.ok(
    seen.all?.some((one) => (one as string[])[0] === "consumers.retry"),
    "who reads all sees the retry",
  );
  const outputs = await eventsOn(bus, "out.a");
  t.same(
    outputs.map(({ msg }) => (msg as { n: number }).n),
    [1, 3, 2],
  );
  const last = outputs.at(-1)!.envelope;
  t.match(last, { msg: { n: 2 }, headers: { cause: { consumer: "a", offset } } });
  t.match(JSON.parse((last.msg as { bytes: string }).bytes), { topic: "in.x", msg: { n: 2 } });
  for (const run of runs) await run.stop();
});

t.test("dead letters: dropped ones stay in the log, and leave the list", async (t) => {
  const bus = await memoryBus(t);
  const publisher = bus.publisher();
  const offset = await publisher.publish("consumers.a.dead-letter", {
    kind: "timer",
    timer: { key: "k" },
  });
  const letter = await deadLetterAt(bus, offset);
  t.match(letter, { consumer: "a", kind: "timer", error: { message: "it does not say why" } });
  await t.rejects(retryDeadLetter(bus, letter), { code: "DEAD_LETTER_FINAL" });
  await dropDeadLetter(bus, letter);
  t.same(await all(openDeadLetters(bus)), []);
  t.equal((await deadLetterAt(bus, offset)).offset, offset);
  await t.rejects(deadLetterAt(bus, offset + 1), { code: "DEAD_LETTER_UNKNOWN" });
});

t.test(
  "dead letters: a refused output is published again, a large event from where it lies",
  async (t) => {
    const bus = await memoryBus(t);
    const publisher = bus.publisher();
    const original = { topic: "out.a", msg: { n: 1 } };
    const refused = await publisher.publish("consumers.a.dead-letter", {
      ...{ kind: "output", topic: "out.a", error: { message: "refused" }, original },
    });
    const stored = await retryDeadLetter(bus, await deadLetterAt(bus, refused));
    t.match(
      (await eventsOn(bus, "out.a")).map(({ offset, msg }) => ({ offset, msg })),
      [{ offset: stored, msg: { n: 1 } }],
    );
    const large = await publisher.publish("in.a", { text: "large" });
    const event = { offset: large, topic: "in.a", recordedAt: 0 };
    const at = await publisher.publish("consumers.a.dead-letter", { kind: "event", event });
    await retryDeadLetter(bus, await deadLetterAt(bus, at));
    t.match((await eventsOn(bus, "consumers.retry"))[0]?.msg, {
      ...{
        consumer: "a",
        deadLetter: at,
        event: large,
        original: { topic: "in.a", msg: { text: "large" } },
      },
    });
    t.same(await all(openDeadLetters(bus)), []);
    const gone = { kind: "event", event: { offset: 99, topic: "in.a", recordedAt: 0 } };
    const lost = await publisher.publish("consumers.a.dead-letter", gone);
    await t.rejects(retryDeadLetter(bus, await deadLetterAt(bus, lost)), {
      code: "DEAD_LETTER_FINAL",
    });
  },
);
