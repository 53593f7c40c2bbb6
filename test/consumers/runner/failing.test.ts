import { setTimeout } from "node:timers/promises";
import t from "tap";
import type { Bus } from "../../../bus/index.js";
import { ConsumerHome, consumer, StateStore } from "../../../consumers/index.js";
import { eventsOn, memoryBus, start } from "../running.js";

interface Letter {
  readonly kind: string;
  readonly attempts?: number;
  readonly original?: unknown;
  readonly event?: { readonly offset: number };
  readonly timer?: { readonly key: string };
  readonly error: { readonly name?: string; readonly code?: string; readonly message?: string };
}

async function letters(bus: Bus, name: string): Promise<Letter[]> {
  const events = await eventsOn(bus, `consumers.${name}.dead-letter`);
  return events.map(({ msg }) => msg as Letter);
}

async function publish(bus: Bus, ...msgs: unknown[]): Promise<void> {
  await using publisher = bus.publisher();
  for (const msg of msgs) await publisher.publish("in.x", msg);
}

const quick = { retryMsMax: 1, commitIntervalMs: 0 };

t.test(
  "failing: a key that cannot be told makes one dead letter, however many processes",
  async (t) => {
    const bus = await memoryBus(t);
    await publish(bus, { k: "a" }, null, { k: "b" }, { k: 7 }, { k: "c" });
    const keyed = consumer({
      name: "keyed",
      topics: ["in.#"],
      attemptsMax: 2,
      key: (event) => (event.msg as { k: string }).k,
      handle: (event, { emit }) => emit("out.seen", event.msg),
    });
    const dir = t.testdir();
    await new ConsumerHome(dir).switchTo({ generation: 1, parallelism: 3 });
    const runs = [0, 1, 2].map((index) =>
      start(bus, keyed, { dir, limits: quick, partition: { index, count: 3 } }),
    );
    for (const run of runs) await run.caughtUp();
    for (const run of runs) await run.stop();
    const found = await letters(bus, "keyed");
    t.same(found.map(({ event }) => event?.offset).toSorted(), [1, 3]);
    const seen = (await eventsOn(bus, "out.seen")).map(({ msg }) => (msg as { k: string }).k);
    t.same(seen.toSorted(), ["a", "b", "c"]);
  },
);

t.test("failing: whatever is thrown, the event becomes a dead letter", async (t) => {
  const bus = await memoryBus(t);
  const thrown: unknown[] = [
    Object.create(null),
    Object.assign(new Error(), { message: 5, name: {} }),
    undefined,
    Symbol("s"),
  ];
  await publish(bus, 0, 1, 2, 3, 4);
  const odd = consumer({
    name: "odd",
    topics: ["in.#"],
    attemptsMax: 2,
    handle: (event, { emit }) => {
      const index = event.msg as number;
      if (index < thrown.length) throw thrown[index];
      emit("out.seen", index);
    },
    close: () => {
      throw new Error("cannot be closed");
    },
  });
  const running = start(bus, odd, { dir: t.testdir(), limits: quick });
  await running.caughtUp();
  await t.rejects(running.stop(), { message: "cannot be closed" }, "a clean end tells of it");
  t.same(
    (await letters(bus, "odd")).map(({ event, attempts }) => [event?.offset, attempts]),
    thrown.map((_, index) => [index, 2]),
  );
  t.same((await eventsOn(bus, "out.seen")).length, 1);
});

t.test(
  "failing: a lone event whose state cannot be kept is found though nothing follows",
  async (t) => {
    const bus = await memoryBus(t);
    await publish(bus, 1n.toString());
    const big = consumer({
      name: "big",
      topics: ["in.#"],
      attemptsMax: 2,
      handle: (event, { state }) => state.put("n", BigInt(event.msg as string)),
    });
    const running = start(bus, big, { dir: t.testdir(), limits: { retryMsMax: 1 } });
    while ((await letters(bus, "big")).length === 0) await setTimeout(20);
    await running.stop();
    t.match(await letters(bus, "big"), [{ kind: "event", error: { code: "STATE_INVALID" } }]);
  },
);

t.test(
  "failing: a timer whose state cannot be kept is told from the event before it",
  async (t) => {
    const bus = await memoryBus(t);
    await publish(bus, 0, 1, 2, 3);
    const timed = consumer({
      name: "timed",
      topics: ["in.#"],
      attemptsMax: 2,
      watermark: { time: (event) => event.msg as number },
      handle: (event, { timers }) => {
        timers.set("event", event.msg as number, `good ${event.msg} `);
        if (event.msg === 1) timers.set("event", 1, "bad ");
      },
      timer: ({ key }, { emit, state }) => {
        if (key === "bad ") state.put("date", new Date());
        emit("out.fired", key);
      },
    });
    const running = start(bus, timed, { dir: t.testdir(), limits: quick });
    await running.caughtUp();
    await running.stop();
    t.same(
      (await eventsOn(bus, "out.fired")).map(({ msg }) => msg),
      ["good 0 ", "good 1 ", "good 2 ", "good 3 "],
    );
    t.match(await letters(bus, "timed"), [
      { kind: "timer", timer: { key: "bad " }, error: { code: "STATE_INVALID" } },
    ]);
  },
);

t.test(
  "failing: once a batch that could not be flushed is through, nothing is suspect any more",
  async (t) => {
    const bus = await memoryBus(t);
    await publish(bus, 0, 1, 2, 3);
    let flushes = 0;
    const sinking = consumer({
      name: "sinking",
      topics: ["in.#"],
      handle: (event, { emit }) => emit("out.seen", event.msg),
      flush: () => {
        if (flushes++ === 0) throw new Error("the destination is away");
      },
    });
    const dir = t.testdir();
    const running = start(bus, sinking, { dir, limits: quick });
    await running.caughtUp();
    await running.stop();
    t.equal((await eventsOn(bus, "out.seen")).length, 4);
    t.same(await letters(bus, "sinking"), []);
    const home = new ConsumerHome(dir);
    const store = await StateStore.open(home.storeDir((await home.current())!, 0));
    t.equal(await store.meta("attempts"), null, "no attempts are left to watch for");
    await store.close();
  },
);

t.test("failing: the dead letter of a refused output outlives a commit that fails", async (t) => {
  const bus = await memoryBus(t);
  const mixed = consumer({
    name: "mixed",
    topics: ["in.#"],
    attemptsMax: 2,
    handle: (event, { emit, state }) => {
      if (event.msg === "forbidden") emit("fedbus.forbidden", 1);
      if (event.msg === "bad") state.put("f", () => 1);
    },
  });
  const running = start(bus, mixed, { dir: t.testdir(), limits: quick });
  await publish(bus, "forbidden");
  await running.caughtUp();
  // By now the hub has answered, and no commit has taken the answer in.
  await setTimeout(100);
  await publish(bus, "bad");
  while (!(await letters(bus, "mixed")).some(({ kind }) => kind === "event")) await setTimeout(10);
  await publish(bus, "good");
  await running.caughtUp();
  await running.stop();
  t.same((await letters(bus, "mixed")).map(({ kind }) => kind).toSorted(), ["event", "output"]);
});

t.test(
  "failing: an output too large for any hub fails its event, and does not block the others",
  async (t) => {
    const bus = await memoryBus(t);
    await publish(bus, 3_000_000, 100_000, 10);
    const large = consumer({
      name: "large",
      topics: ["in.#"],
      attemptsMax: 2,
      // Three bytes a character: the second one is more than the hub takes, and less than we send.
      handle: (event, { emit }) => emit("out.large", "€".repeat(event.msg as number)),
    });
    const running = start(bus, large, { dir: t.testdir(), limits: quick });
    while ((await letters(bus, "large")).length < 2) await setTimeout(10);
    await running.stop();
    t.equal((await eventsOn(bus, "out.large")).length, 1);
    const found = await letters(bus, "large");
    t.match(found[0], { kind: "event", error: { code: "EVENT_TOO_LARGE" } });
    t.match(found[1], { kind: "output", error: { code: "EVENT_TOO_LARGE" } });
    t.equal(found[1]!.original, undefined, "what is too large for a dead letter is left out");
  },
);
