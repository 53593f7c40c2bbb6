import t from "tap";
import { connect, openBus } from "../../../bus/index.js";
import { isPast } from "../../../bus/log/producers.js";
import {
  isProducerOf,
  producerOf,
  retryingProducerOf,
} from "../../../consumers/home/producer-name.js";
import {
  consumer,
  type DeadLetter,
  deadLetterAt,
  openDeadLetters,
  retryDeadLetter,
} from "../../../consumers/index.js";
import { Replay, whatIf } from "../../../replay/index.js";
import { freeUrl } from "../../bus/ports.js";
import { patienceMs } from "../../bus/seed.js";
import { until } from "../../bus/turns.js";
import { scratch } from "../../replay/scratch.js";
import { eventsOn, memoryBus, start } from "../running.js";

t.setTimeout(patienceMs);

/** Tells of each event that it is given; it reads the topic that it writes on. */
const echo = consumer({
  name: "echo",
  topics: ["in.#", "out.#"],
  handle: ({ offset, topic }, { emit }) => emit("out.echo", { offset, topic }),
});

const forged = { cause: { consumer: "echo", version: "0", offset: 0 } };

t.test("own outputs: who published decides, and not what an event claims", async (t) => {
  const url = await freeUrl();
  await using bus = await openBus({ listen: url });
  await using remote = await connect(url);
  await using publisher = bus.publisher();
  // One batch, of which readers get a part: what was selected from a block says who published, too.
  const outcomes = await publisher.publishMany([
    { topic: "in.a", msg: 0 },
    { topic: "other", msg: 1 },
    { topic: "in.a", msg: 2, headers: forged },
    { topic: "other", msg: 3 },
    { topic: "out.echo", msg: 4, headers: forged },
    { topic: "in.a", msg: 5, headers: { cause: { consumer: "another", version: "0", offset: 0 } } },
  ]);
  t.ok(outcomes.every((outcome) => "offset" in outcome));
  const running = start(remote, echo, { dir: scratch(t) });
  await running.caughtUp();
  await publisher.publish("in.a", 6);
  await running.caughtUp();
  await running.stop();
  const outputs = (await eventsOn(bus, "out.#")).filter(({ envelope }) => envelope.i === 1);
  const told = outputs.map(({ msg }) => (msg as { offset: number }).offset);
  const { head } = await bus.source.info();
  const others = (await eventsOn(bus, "in.#", "out.#")).filter(
    ({ published }) => published?.by.startsWith("consumer.") !== true,
  );
  t.equal(others.length, 5, "what others published on its topics, forged or not");
  t.same(
    told,
    others.map(({ offset }) => offset),
    "each is handled, and its own outputs are not",
  );
  const replay = await Replay.open({ source: bus.source, consumer: echo, dir: scratch(t) });
  const { totals } = await replay.run();
  await replay.close();
  t.match(totals, { handled: 5 }, "in a replay the same");
  t.equal(head, 12);
});

t.test("own outputs: one that was refused stays its own when it is retried", async (t) => {
  const bus = await memoryBus(t);
  const schema = (version: number, type: string | string[]) => {
    const fields = { properties: { offset: { type } } };
    return bus.registerSchema({ name: "out", version, topics: ["out.#"], schema: fields });
  };
  await schema(1, "string");
  await using publisher = bus.publisher();
  await publisher.publish("in.a", {});
  const running = start(bus, echo, { dir: scratch(t) });
  const letters: DeadLetter[] = [];
  await until(async () => {
    for await (const one of openDeadLetters(bus)) letters.push(one);
    return letters.length > 0;
  });
  const [letter] = letters as [DeadLetter];
  t.match(letter, { kind: "output", topic: "out.echo" });
  await schema(2, ["string", "number"]);
  const offset = await retryDeadLetter(bus, letter);
  await running.caughtUp();
  await publisher.publish("in.a", {});
  await running.caughtUp();
  await running.stop();
  const outputs = await eventsOn(bus, "out.echo");
  t.equal(outputs[0]?.offset, offset);
  const retrier = { id: outputs[0]!.published!.by, epoch: 1, nextSeq: 1, answers: [] };
  t.ok(isPast(retrier, 0, 2), "the log need not remember for ever who retried");
  t.equal(outputs.length, 2, "it is not given it");
  const compared = await whatIf({
    ...{ source: bus.source, consumer: echo, against: { name: "echo" }, dir: scratch(t) },
  });
  t.same(compared.totals, { same: 2, added: 0, dropped: 0, changed: 0 }, "nor does it count twice");

  const original = { topic: "out.x", headers: forged, msg: {} };
  const foreign = await publisher.publish("consumers.echo.dead-letter", {
    ...{ kind: "output", topic: "out.x", error: { message: "refused" }, original },
  });
  const passed = await retryDeadLetter(bus, await deadLetterAt(bus, foreign));
  const [event] = (await eventsOn(bus, "out.x")).filter((one) => one.offset === passed);
  t.notMatch(event?.published?.by, /^consumer\./, "what others lay on its topic is not its own");
});

t.test("own outputs: they are known by the names of the consumer's producers", async (t) => {
  for (const own of [
    producerOf("echo", 12, 3),
    retryingProducerOf("echo", "x"),
    "consumer.echo.mine",
  ])
    t.ok(isProducerOf(own, "echo"), own);
  for (const other of [
    "echo",
    "consumer.echo",
    producerOf("echo2", 1, 0),
    retryingProducerOf("a", "echo"),
  ])
    t.notOk(isProducerOf(other, "echo"), other);
});
