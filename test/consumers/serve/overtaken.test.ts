import { test } from "tap";
import { readModel } from "../../../consumers/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import type { ServeSpec } from "../../../consumers/serve/serve-options.js";
import { busOf, type Given, over } from "../over-log.js";
import { linearFile, promote, publish, put } from "./models.js";

const canary: ServeSpec = {
  ...{ name: "scores", topics: ["in"], model: "demo", output: "scored", id: "msg.id" },
  ...{ key: "msg.id", canary: { share: 0.4, outcomesMin: 10 } },
  outcomes: { topics: ["label"], id: "msg.id", label: "msg.was", withinMs: 60_000 },
};

function offBy(bias: number, version: number): Buffer {
  return linearFile({ task: "regression", bias, version });
}

function row(id: string, x: number): Given {
  return { topic: "in", msg: { id, x, y: 0 } };
}

test("canary: what a person promotes while it is decided holds, for whoever reads the log", async (t) => {
  await using bus = await busOf([]);
  const active = await promote(bus, "demo", offBy(1, 1));
  const candidate = await put(bus, offBy(0.5, 2));
  await publish(bus, [
    { topic: "models.demo.imported", msg: { sha256: candidate, version: 2 } },
    ...Array.from({ length: 60 }, (_, x) => [
      row(`k${x}`, x),
      { topic: "label", msg: { id: `k${x}`, was: x } },
    ]).flat(),
  ]);
  const { outputs } = await over(bus, serve(canary));
  const { topic, msg, envelope } = outputs.find((event) => event.topic === "models.demo.promoted")!;
  const chosen = await promote(bus, "demo", offBy(7, 3), 3);
  await using publisher = bus.publisher();
  await publisher.publish(topic, msg, { headers: envelope.headers! });
  await publish(bus, [row("late", 1)]);
  const again = await over(bus, serve(canary));
  const said = (on: string) => again.outputs.filter((event) => event.topic === on);
  t.match(
    said("models.demo.serving").map((event) => event.msg),
    [{ sha256: active }, { sha256: candidate, reason: "canary" }, { sha256: chosen }],
  );
  t.equal(said("models.demo.serving").length, 3);
  t.match(said("scored").at(-1)!.msg, { sha256: chosen, output: 8 });
  const { active: registered, promotions } = await readModel(bus, "demo");
  t.equal(registered, chosen, "and the registry says the same");
  t.match(promotions.at(-1), { sha256: candidate, reason: "canary", isVoid: true });
});
