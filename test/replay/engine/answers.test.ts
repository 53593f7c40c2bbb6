import t from "tap";
import { enrich, lookupTopic } from "../../../consumers/index.js";
import { Replay } from "../../../replay/index.js";
import { busOf, outcomeOf } from "../../consumers/over-log.js";
import { eventsOn, start } from "../../consumers/running.js";

t.test("replay: what was asked outside when live is taken from the log", async (t) => {
  await using bus = await busOf(["a", "b", "a", "c"].map((msg) => ({ topic: "in", msg })));
  let calls = 0;
  const asker = enrich({
    name: "asker",
    topics: ["in"],
    key: (event) => event.msg as string,
    lookup: (key) => ({ key, call: ++calls }),
    output: (_, value) => ({ topic: "out", msg: value }),
  });
  const running = start(bus, asker, { dir: t.testdir({ live: {} }) });
  await running.caughtUp();
  await running.stop();
  t.equal(calls, 3);
  const live = await eventsOn(bus, "out", lookupTopic("asker"));
  const dir = t.testdir({ replay: {} });
  const { head } = await bus.source.info();
  await using replay = await Replay.open({
    ...{ source: bus.source, consumer: asker, dir: `${dir}/replay`, from: 0, to: head },
  });
  await replay.run();
  t.equal(calls, 3, "nothing was asked again");
  const { bytes } = await outcomeOf(replay.store);
  t.equal(bytes, live.map((event) => event.bytes.toString()).join("\n"));
});

t.test("replay: what is no answer, on the topic of answers, is passed over", async (t) => {
  const strange = [null, 7, {}, { lookup: "x" }, { lookup: "x", key: "a", offset: "0" }];
  const topic = lookupTopic("asker");
  await using bus = await busOf([
    { topic: "in", msg: "a" },
    ...strange.map((msg) => ({ topic, msg })),
    { topic, msg: { lookup: "enrich", key: "a", offset: 0, value: "recorded" } },
  ]);
  const asker = enrich({
    name: "asker",
    topics: ["in"],
    key: (event) => event.msg as string,
    lookup: () => "asked",
    output: (_, value) => ({ topic: "out", msg: value }),
  });
  const { head } = await bus.source.info();
  const dir = t.testdir({});
  await using replay = await Replay.open({
    ...{ source: bus.source, consumer: asker, dir: `${dir}/replay`, from: 0, to: head },
  });
  await replay.run();
  t.match((await outcomeOf(replay.store)).bytes, /"recorded"/);
});
