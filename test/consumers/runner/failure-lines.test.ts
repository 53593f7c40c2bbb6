import { join } from "node:path";
import t from "tap";
import { consumer } from "../../../consumers/index.js";
import { eventsOn, memoryBus, start } from "../running.js";

t.test("failures: a line an attempt, the plugin's frames once, then where it went", async (t) => {
  const bus = await memoryBus(t);
  await using publisher = bus.publisher();
  await publisher.publish("in.x", 1);
  const lines: [string, object][] = [];
  const note = (fields: object, message: string) => void lines.push([message, fields]);
  const logger = { debug() {}, info: note, warn: note, error: note };
  const faulty = consumer({
    ...{ name: "faulty", topics: ["in.#"], attemptsMax: 3 },
    handle: () => {
      throw new RangeError("too large\nby far");
    },
  });
  const running = start(bus, faulty, { dir: t.testdir(), logger, limits: { retryMsMax: 1 } });
  await running.caughtUp();
  await running.stop();
  t.strictSame(
    lines.map(([message]) => message),
    [
      ...[1, 2, 3].map((n) => `attempt ${n} of 3 failed: RangeError: too large`),
      "given up, and made a dead letter: `fedbus dlq list faulty` has it",
    ],
  );
  const [first, second] = lines.map(([, fields]) => fields as { place: string; at?: string[] });
  t.equal(first?.place, "event 0");
  t.match(first?.at, [/failure-lines\.test/]);
  t.equal(first?.at?.length, 1, "none of them is of this package");
  t.notOk(second?.at);
});

t.test("failures: a hundred events in a row whose outputs are refused halt", async (t) => {
  const bus = await memoryBus(t);
  const odd = (name: string, isWrong: (n: number) => boolean) =>
    consumer({
      ...{ name, topics: ["in.#"] },
      handle: ({ msg }, { emit }) => {
        emit(isWrong(msg as number) ? "fedbus.forbidden" : "out.x", msg);
        emit(isWrong(msg as number) ? "fedbus.forbidden" : "out.y", msg);
      },
    });
  await using publisher = bus.publisher();
  const events = Array.from({ length: 400 }, (_, n) => ({ topic: "in.x", msg: n }));
  await publisher.publishMany(events);
  const limits = { commitEventsMax: 10 };
  const apart = start(
    bus,
    odd("apart", (n) => n % 100 > 0),
    { dir: join(t.testdir(), "a"), limits },
  );
  await apart.caughtUp();
  await apart.stop();
  const letters = async (name: string) =>
    (await eventsOn(bus, `consumers.${name}.dead-letter`)).length;
  t.equal(await letters("apart"), 2 * 396, "99 in a row are not too many");
  const row = start(
    bus,
    odd("row", (n) => n >= 100),
    { dir: join(t.testdirName, "b"), limits },
  );
  await t.rejects(row.done, { code: "CONSUMER_HALTED", message: /refused what came of 1\d\d / });
  t.ok((await letters("row")) >= 2 * 90, "and what was refused is not lost");
});

t.test("failures: outputs that the hub refuses are told", async (t) => {
  const bus = await memoryBus(t);
  await using publisher = bus.publisher();
  await publisher.publish("in.x", 1);
  const lines: [string, object][] = [];
  const note = (fields: object, message: string) => void lines.push([message, fields]);
  const logger = { debug() {}, info: note, warn: note, error: note };
  const odd = consumer({
    ...{ name: "odd", topics: ["in.#"] },
    handle: (event, { emit }) => emit("fedbus.forbidden", event.msg),
  });
  const running = start(bus, odd, { dir: t.testdir(), logger });
  await running.caughtUp();
  await running.stop();
  t.match(lines, [
    [
      /^the hub refused outputs: .*`fedbus dlq list odd`/,
      { topic: "fedbus.forbidden", refused: 1 },
    ],
  ]);
});
