import t from "tap";
import { consumer } from "../../../consumers/index.js";
import { memoryBus, start } from "../running.js";

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
