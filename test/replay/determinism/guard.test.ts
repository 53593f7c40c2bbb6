import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import t from "tap";
import { consumer } from "../../../consumers/index.js";
import { type ImpureUse, Replay } from "../../../replay/index.js";
import { memoryBus } from "../../consumers/running.js";

const asking: Readonly<Record<string, () => unknown>> = {
  "Date.now()": () => Date.now(),
  "new Date()": () => new Date(),
  "performance.now()": () => performance.now(),
  "Math.random()": () => Math.random(),
  "crypto.randomUUID()": () => randomUUID(),
};

t.test("guard: each way to ask for time or chance is told once, with its place", async (t) => {
  const bus = await memoryBus(t);
  await bus.publisher().publishMany(Array.from({ length: 50 }, (_, msg) => ({ topic: "in", msg })));
  const before = [Date, Date.now, performance.now, Math.random, randomUUID, crypto.randomUUID];
  for (const isAsync of [false, true]) {
    const told: ImpureUse[] = [];
    const impure = consumer({
      name: "impure",
      topics: ["in"],
      handle: (event, context) => {
        // What is asked with arguments, or of the context, is the same each time.
        if (!(new Date(context.now()) instanceof Date)) throw new Error("no date");
        context.random();
        if (!isAsync) for (const ask of Object.values(asking)) ask();
        else return setImmediate().then(() => Object.values(asking).forEach((ask) => void ask()));
        context.emit("out", event.msg);
      },
    });
    await using replay = await Replay.open({
      source: bus.source,
      consumer: impure,
      dir: t.testdir(),
      onImpure: (use) => told.push(use),
    });
    await replay.run();
    t.same(
      told.map(({ what }) => what).sort(),
      Object.keys(asking).sort(),
      isAsync ? "asynchronous" : "synchronous",
    );
    for (const { what, file, line } of told) {
      const text = readFileSync(file, "utf8").split("\n")[line - 1];
      t.ok(text?.includes(what.replace("crypto.", "").slice(0, -2)), `${what}: ${text?.trim()}`);
    }
  }
  const after = [Date, Date.now, performance.now, Math.random, randomUUID, crypto.randomUUID];
  t.ok(
    before.every((value, index) => value === after[index]),
    "everything is put back",
  );
});

t.test("guard: what the runtime itself asks is no plugin's doing", async (t) => {
  const bus = await memoryBus(t);
  await bus.publisher().publishMany(Array.from({ length: 50 }, (_, msg) => ({ topic: "in", msg })));
  const pure = consumer({
    name: "pure",
    topics: ["in"],
    handle: async (event, { state, emit, now, random, timers }) => {
      state.put("n", now());
      await setImmediate();
      timers.set("log", now() + 5, "t");
      emit("out", { msg: event.msg, chance: random() });
    },
    timer: (_, { emit }) => emit("out", "timer"),
  });
  const told: ImpureUse[] = [];
  await using replay = await Replay.open({
    source: bus.source,
    consumer: pure,
    dir: t.testdir(),
    limits: { commitEventsMax: 3 },
    onImpure: (use) => told.push(use),
  });
  await replay.run();
  t.same(told, []);
});
