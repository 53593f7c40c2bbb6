import t from "tap";
import { openBus } from "../../../bus/index.js";
import { createColours } from "../../../cli/render/colours.js";
import { explanationText } from "../../../cli/replay/render-explain.js";
import {
  consumer,
  type DeadLetter,
  openDeadLetters,
  retryDeadLetter,
} from "../../../consumers/index.js";
import { retryTopic } from "../../../consumers/runner/redelivery.js";
import { effectsOf, explain } from "../../../replay/index.js";
import { patienceMs } from "../../bus/seed.js";
import { eventsOn, start } from "../../consumers/running.js";
import { scratch } from "../scratch.js";

t.setTimeout(patienceMs);

t.test("explain: an output of a retry leads back to the event that had failed", async (t) => {
  await using bus = await openBus();
  await using publisher = bus.publisher();
  let isBroken = true;
  const picky = consumer({
    name: "picky",
    topics: ["in.#"],
    attemptsMax: 1,
    handle: ({ msg }, { emit }) => {
      if (isBroken && (msg as { n: number }).n === 2) throw new Error("no such luck");
      emit("out.picky", msg);
    },
  });
  for (const n of [1, 2, 3]) await publisher.publish("in.x", { n, zero: -0 });
  const running = start(bus, picky, { dir: scratch(t) });
  await running.caughtUp();
  const letters: DeadLetter[] = [];
  for await (const letter of openDeadLetters(bus)) letters.push(letter);
  isBroken = false;
  const [letter] = letters as [DeadLetter];
  const retry = await retryDeadLetter(bus, letter);
  await running.caughtUp();
  await running.stop();
  const output = (await eventsOn(bus, "out.picky")).at(-1)!;
  const retried = {
    ...{ consumer: "picky", deadLetter: letter.offset, offset: 1, isProven: true },
    event: { offset: 1, topic: "in.x", msg: { n: 2 } },
  };
  t.match(await explain(bus.source, output.offset), {
    msg: { n: 2 },
    cause: { consumer: "picky", offset: retry, event: { topic: retryTopic, retried } },
  });
  const shown = explanationText((await explain(bus.source, output.offset))!, createColours(false));
  t.match(
    shown,
    new RegExp(`a retry for picky, of dead letter #${letter.offset}\\n +└─ #1 in\\.x`),
  );
  const { effects } = await effectsOf(bus.source, 1);
  t.match(effects, [
    { offset: letter.offset, causedBy: 1 },
    { offset: retry, topic: retryTopic, consumer: "picky", causedBy: 1 },
    { offset: output.offset, causedBy: retry },
  ]);

  const forged = { consumer: "picky", deadLetter: letter.offset, event: 0 };
  const original = { topic: "in.x", msg: { n: 99 } };
  const at = await publisher.publish(retryTopic, { ...forged, original });
  const told = await explain(bus.source, at);
  t.match(told?.retried, { offset: 0, isProven: false }, "it carries something else");
  t.equal(told?.retried?.event, undefined, "so it is not followed");
  t.match(explanationText(told!, createColours(false)), /claims to be a retry of #0, but carries/);
  t.notOk((await effectsOf(bus.source, 0)).effects.some(({ offset }) => offset === at));
  const ahead = await publisher.publish(retryTopic, { ...forged, event: at + 1, original });
  t.equal((await explain(bus.source, ahead))?.retried, undefined, "nor is what cannot be");
});
