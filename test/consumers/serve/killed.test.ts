import { join } from "node:path";
import t from "tap";
import { type Bus, type BusEvent, connect, Hub, LevelLog } from "../../../bus/index.js";
import { ConsumerHome, StateStore } from "../../../consumers/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import { Replay } from "../../../replay/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { Life } from "../life.js";
import { outcomeOf, over } from "../over-log.js";
import { eventsOn } from "../running.js";
import { killed, Load } from "./killed.js";
import { publish } from "./models.js";

t.setTimeout(patienceMs);
const program = new URL("./serve-child.js", import.meta.url);
const kills = loops("FEDBUS_SERVE_KILLS", 4);
const eventsPerLife = 400;

/** A log on disk with a hub, and a client of it. */
async function opened(root: string) {
  const log = await LevelLog.open(join(root, "log"));
  const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
  const bus = await connect(hub.url);
  const close = async (): Promise<void> => {
    await bus.close();
    await hub.close();
    await log.close();
  };
  return { bus, url: hub.url, close };
}

t.test("serve: killed under load, amid swaps and canaries, it says the same", async (t) => {
  const random = seeded(t);
  const root = t.testdir();
  const { bus, url, close } = await opened(root);
  t.teardown(close);
  const load = new Load(7);
  const dir = join(root, "server");
  let diedAtStep = 0;
  for (let kill = 0; kill < kills; kill++) {
    const limits = { commitIntervalMs: 0, commitEventsMax: 1 + below(random, 60) };
    // One dies at a step of its runner, the next at any moment while it works.
    const killAt = kill % 2 === 0 ? 2 + below(random, 30) : Number.POSITIVE_INFINITY;
    const life = new Life(program, { url, dir, killAt, limits });
    const { head } = await bus.source.info();
    const events = await load.next(eventsPerLife, bus);
    while (events.length > 0) await publish(bus, events.splice(0, 50));
    if (kill % 2 === 0) await life.reached((await bus.source.info()).head);
    else await life.reached(head + below(random, eventsPerLife));
    if (life.ended) diedAtStep++;
    life.process.kill("SIGKILL");
    await life.exited;
  }
  const last = new Life(program, { url, dir, killAt: Number.POSITIVE_INFINITY, limits: {} });
  await publish(bus, await load.next(eventsPerLife, bus));
  await last.reached((await bus.source.info()).head);
  last.process.send("end");
  await last.exited;
  t.equal(last.process.exitCode, 0, "the last life ends cleanly");
  t.comment(`${diedAtStep} of ${kills} processes died at a step of their own`);

  const live = (await eventsOn(bus)).filter(isOwn);
  t.strictSame(missingIn(live), [], "it has changed models in each way that there is");
  const undisturbed = await over(bus, serve(killed));
  const bytes = live.map((event) => event.bytes.toString());
  t.equal(bytes.length, undisturbed.outputs.length);
  t.strictSame(bytes, undisturbed.bytes.split("\n"), "outputs are those of an undisturbed run");
  t.equal(await stateIn(dir), undisturbed.sha256, "and so is the state");
  t.strictSame(await replayed(bus, join(root, "replay")), bytes, "and a replay's");
});

function isOwn({ envelope }: BusEvent): boolean {
  const { cause } = (envelope.headers ?? {}) as { readonly cause?: { readonly consumer?: string } };
  return cause?.consumer === killed.name;
}

/** What should have happened, and has not. */
function missingIn(events: readonly BusEvent[]): string[] {
  const found = new Set(
    events.map(({ topic, msg }) => {
      const { reason = "", state = "" } = msg as { reason?: string; state?: string };
      return `${topic.split(".").at(-1)} ${state}${state && reason ? " " : ""}${reason}`;
    }),
  );
  const wanted = [
    ...["serving promoted", "serving canary", "serving rollback", "canary started"],
    ...["canary promoted", "canary rolled-back", "canary ended displaced"],
  ];
  return wanted.filter((one) => !found.has(one));
}

/** SHA-256 of the state that the processes have left. */
async function stateIn(dir: string): Promise<string> {
  const home = new ConsumerHome(dir);
  const store = await StateStore.open(home.storeDir((await home.current())!, 0));
  try {
    return (await outcomeOf(store)).sha256;
  } finally {
    await store.close();
  }
}

/** The outputs of a replay, as bytes. */
async function replayed({ source }: Bus, dir: string): Promise<readonly string[]> {
  await using replay = await Replay.open({ source, consumer: serve(killed), dir });
  await replay.run();
  const { outputs } = await outcomeOf(replay.store);
  return outputs.map(({ bytes }) => bytes.toString());
}
