import { join } from "node:path";
import t from "tap";
import { ConsumerHome, consumer, StateStore } from "../../../consumers/index.js";
import { Replay, storedPlace } from "../../../replay/index.js";
import { groupByCause } from "../../../replay/outputs/cause-groups.js";
import type { Output } from "../../../replay/outputs/output.js";
import { storedOutputs } from "../../../replay/outputs/stored-outputs.js";
import { memoryBus } from "../../consumers/running.js";
import { scratch } from "../scratch.js";

const echo = consumer({
  ...{ name: "echo", topics: ["in.#"] },
  handle: ({ msg }, { emit }) => {
    for (let n = 0; n < (msg as number); n++) emit("out.x", n);
  },
});

t.test("outputs: those of one cause, and those that wait, have a limit", async (t) => {
  const bus = await memoryBus(t);
  await using publisher = bus.publisher();
  await publisher.publish("in.x", 3);
  await publisher.publish("in.x", 2);
  // A replay's store publishes nothing: as one whose hub is away.
  const home = new ConsumerHome(scratch(t));
  const current = { generation: 1, parallelism: 1 };
  await home.switchTo(current);
  const replay = await Replay.open({
    source: bus.source,
    consumer: echo,
    dir: join(home.dir, "r"),
  });
  await replay.run();
  const outputs = (): AsyncIterable<Output> => storedOutputs(replay.store);
  const sizes = async (max: number): Promise<number[]> => {
    const found: number[] = [];
    for await (const group of groupByCause(outputs(), max)) found.push(group.outputs.length);
    return found;
  };
  t.same(await sizes(3), [3, 2]);
  await t.rejects(sizes(2), { code: "INPUT_INVALID", details: { offset: 0, max: 2 } });

  const live = await StateStore.open(home.storeDir(current, 0));
  const steps: [Buffer, Buffer][] = [];
  const every = { gte: Buffer.from([0]), lt: Buffer.from([0xff]) };
  for await (const step of replay.store.steps(every, 100)) steps.push(...step);
  await live.commit(
    steps.map(([key, value]) => ({ type: "put", key, value })),
    {},
  );
  await live.close();
  await replay.close();
  const named = { name: "echo", home };
  t.equal((await storedPlace(named, 5))?.unsent?.length, 5);
  await t.rejects(storedPlace(named, 4), {
    code: "INPUT_INVALID",
    details: { name: "echo", max: 4 },
  });
});
