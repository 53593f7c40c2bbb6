import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import { openBus } from "../../../bus/index.js";
import { type Consumer, serve, train } from "../../../consumers/index.js";
import { Replay } from "../../../replay/index.js";
import { outcomeOf } from "../over-log.js";
import { eventsOn, start } from "../running.js";
import { publish } from "./models.js";

interface Said {
  readonly sha256: string;
  readonly version: number;
  readonly decision: boolean;
  readonly output: number;
  readonly contributions?: { readonly raw: number };
}

/** Orders that come back if they are large; and a country that has nothing to do with it. */
const orders = Array.from({ length: 3_000 }, (_, index) => ({
  topic: "shop.order",
  msg: {
    amount: (index * 37) % 101,
    country: ["no", "nl", "pt"][index % 3],
    returned: (index * 37) % 101 > 60,
  },
}));

function learner(model: string): Consumer {
  return train({
    name: "returns",
    topics: ["shop.order"],
    features: [{ path: "msg.amount" }, { path: "msg.country", encoder: "one-hot" }],
    label: "msg.returned",
    model,
    task: "binary",
    every: { rows: 1_000 },
  }) as Consumer;
}

const server = serve({
  ...{ name: "scores", topics: ["shop.order"], model: "returns", output: "shop.scored" },
  contributions: true,
}) as Consumer;

for (const model of ["logistic", "gbdt", "mlp"])
  test(`serve: what ${model} learns while it is served, live and in replay`, async (t) => {
    const dir = await mkdtemp(join(tmpdir(), "fedbus-trained-"));
    t.teardown(() => rm(dir, { recursive: true, force: true }));
    await using bus = await openBus();
    const learning = start(bus, learner(model), { dir: join(dir, "train"), limits: {} });
    const serving = start(bus, server, { dir: join(dir, "serve"), limits: {} });
    for (let from = 0; from < orders.length; from += 500) {
      await publish(bus, orders.slice(from, from + 500));
      await learning.caughtUp();
      await serving.caughtUp();
    }
    await learning.stop();
    await serving.caughtUp();
    await serving.stop();
    const scored = await eventsOn(bus, "shop.scored");
    t.equal(scored.length, orders.length);
    const trained = await eventsOn(bus, "models.returns.trained");
    const versions = new Set(scored.map(({ msg }) => (msg as Said).version));
    // The last one comes behind the last order.
    t.strictSame([...versions], [1, 2, 3].slice(0, trained.length - 1));
    t.ok(trained.length >= 2);
    const last = scored.slice(-500).map(({ msg }) => msg as Said);
    const right = last.filter(({ decision }, index) => {
      return decision === orders.at(index - 500)!.msg.returned;
    });
    t.ok(right.length > 450, `${right.length} of 500 are right`);
    for (const { output, contributions } of last)
      if (model === "mlp" && contributions !== undefined) t.fail("a network has none");
      else if (model !== "mlp" && Math.abs(1 / (1 + Math.exp(-contributions!.raw)) - output) > 1e-4)
        t.fail("contributions do not come to the output");
    const options = { source: bus.source, consumer: server, dir: join(dir, "replay") };
    await using replay = await Replay.open(options);
    await replay.run();
    const { outputs } = await outcomeOf(replay.store);
    const live = await eventsOn(bus, "shop.scored", "models.returns.serving");
    t.strictSame(
      outputs.map(({ bytes }) => bytes.toString()),
      live.map(({ bytes }) => bytes.toString()),
    );
  });
