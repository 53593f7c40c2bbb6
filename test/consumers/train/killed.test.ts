import { join } from "node:path";
import t from "tap";
import { connect, Hub, LevelLog } from "../../../bus/index.js";
import { train } from "../../../consumers/train/train.js";
import { Replay } from "../../../replay/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { Life } from "../life.js";
import { outcomeOf, over } from "../over-log.js";
import { eventsOn } from "../running.js";
import { killed } from "./killed.js";
import { orders, trainedIn } from "./orders.js";

t.setTimeout(patienceMs);
const program = new URL("./train-child.js", import.meta.url);
const kills = loops("FEDBUS_TRAIN_KILLS", 8);
/** Steps of a life: each in turn is the last one. */
const stepsMax = 40;

t.test("train: killed at each step in turn, and replayed, it is the same model", async (t) => {
  const random = seeded(t);
  const root = t.testdir();
  const log = await LevelLog.open(join(root, "log"));
  const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
  const bus = await connect(hub.url);
  t.teardown(async () => {
    await bus.close();
    await hub.close();
    await log.close();
  });
  const given = orders(150 * (kills + 1), 3).map(({ topic, msg }) => ({ topic, msg }));
  const publish = async (): Promise<number> => {
    await using publisher = bus.publisher();
    await publisher.publishMany(given.splice(0, 150));
    return (await bus.source.info()).head;
  };
  const place = { url: hub.url, dir: join(root, "trainer") };
  let died = 0;
  for (let kill = 0; kill < kills; kill++) {
    const limits = { commitIntervalMs: 0, commitEventsMax: 1 + below(random, 60) };
    const killAt = 1 + ((kill * 7) % stepsMax);
    const life = new Life(program, { ...place, killAt, limits });
    await life.reached(await publish());
    if (life.ended) died++;
    life.process.kill("SIGKILL");
    await life.exited;
  }
  const last = new Life(program, { ...place, killAt: Number.POSITIVE_INFINITY, limits: {} });
  const to = await publish();
  await last.reached(to);
  last.process.send("end");
  await last.exited;
  t.equal(last.process.exitCode, 0, "the last life ends cleanly");

  const live = await eventsOn(bus, "models.returned.#");
  const models = trainedIn(live).map(({ sha256 }) => sha256);
  t.ok(models.length > 4, `${models.length} models; ${died} of ${kills} processes died at a step`);
  for (const sha256 of models) t.ok(await bus.blobs.has(sha256), "each model's file is there");
  const undisturbed = await over(bus, train(killed));
  t.same(
    live.map(({ bytes }) => bytes.toString()),
    undisturbed.bytes.split("\n"),
    "outputs are those of an undisturbed run, byte for byte",
  );
  const replayed = await replayModels(bus, join(root, "replay"));
  t.same(replayed, models, "a replay makes the same models");
});

async function replayModels(
  { source }: Awaited<ReturnType<typeof connect>>,
  dir: string,
): Promise<readonly string[]> {
  const impure: string[] = [];
  const onImpure = ({ what }: { readonly what: string }): void => void impure.push(what);
  await using replay = await Replay.open({ source, consumer: train(killed), dir, onImpure });
  await replay.run();
  t.same(impure, [], "nothing that it does depends on anything else");
  const { outputs } = await outcomeOf(replay.store);
  const models = trainedIn(outputs).map(({ sha256 }) => sha256);
  for (const sha256 of models) t.ok(await replay.blobs.has(sha256), "with files of its own");
  return models;
}
