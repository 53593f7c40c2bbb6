import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import t, { type Test } from "tap";
import type { Consumer } from "../../consumers/index.js";
import { busOf, type Given, logStart, over } from "../consumers/over-log.js";
import { linearFile, promote, publish } from "../consumers/serve/models.js";

const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
const built = new URL("../../consumers/index.js", import.meta.url).href;

/** The consumers that a page's examples export, by the name of the file in their first line. */
async function examplesOf(
  t: Test,
  page: string,
  from = "",
  to = "",
): Promise<Map<string, Consumer>> {
  const text = await readFile(join(docs, page), "utf8");
  const examples = new Map<string, Consumer>();
  for (const [, code] of text.matchAll(/```js\n(.*?)```/gs)) {
    const [, name = ""] = /^\/\/ ([\w.]+)/.exec(code!) ?? [];
    const whole = code!.replace(`"fedbus/consumers"`, JSON.stringify(built)).replace(from, to);
    const dir = t.testdir({ [name]: whole });
    const { href } = pathToFileURL(join(dir, name));
    examples.set(name, ((await import(href)) as { default: Consumer }).default);
  }
  return examples;
}

async function outputsOf(consumer: Consumer | undefined, events: readonly Given[]) {
  await using bus = await busOf(events);
  const { outputs } = await over(bus, consumer!);
  return outputs
    .filter(({ topic }) => !topic.endsWith(".lookup"))
    .map(({ topic, msg }) => [topic, msg]);
}

t.test("docs/joins.md: the examples do what they say", async (t) => {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ path: request.url }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const examples = await examplesOf(t, "joins.md", ":8080", `:${port}`);
  const paid = await outputsOf(examples.get("payments.mjs"), [
    { topic: "shop.order.created", msg: { id: 1, at: 0 } },
    { topic: "shop.order.created", msg: { id: 2, at: 10 } },
    { topic: "shop.payment.received", msg: { order: 1, amount: 5, at: 1_800_000 } },
    { topic: "shop.order.created", msg: { id: 3, at: 9_000_000 } },
  ]);
  t.same(paid, [
    ["shop.order.paid", { id: 1, amount: 5 }],
    ["shop.order.unpaid", { id: 2 }],
  ]);
  const priced = await outputsOf(examples.get("priced.mjs"), [
    { topic: "shop.price.set", msg: { sku: "a", price: 3, at: 10 } },
    { topic: "shop.price.set", msg: { sku: "a", price: 4, at: 20 } },
    { topic: "shop.line.ordered", msg: { sku: "a", at: 15 } },
  ]);
  t.same(priced, [["shop.line.priced", { sku: "a", at: 15, price: 3 }]]);
  const located = await outputsOf(examples.get("located.mjs"), [
    { topic: "shop.user.login", msg: { ip: "10.0.0.1" } },
  ]);
  t.same(located, [
    ["shop.user.located", { ip: "10.0.0.1", place: { path: "/ip/10.0.0.1" }, failure: null }],
  ]);
});

t.test("docs/rules.md: the example does what it says", async (t) => {
  const examples = await examplesOf(t, "rules.md");
  const minute = 60_000;
  const hot = (minutes: number, celsius: number) => ({
    topic: "plant.machine.temperature",
    msg: { machine: "m1", celsius },
    at: minutes * minute,
  });
  const said = await outputsOf(examples.get("machines.mjs"), [
    ...[hot(0, 81), hot(4, 82.5), hot(8, 90), hot(11, 75), hot(12, 60), hot(30, 60)],
  ]);
  const short = said.map(([topic, msg]) => {
    const { rule, message = "" } = msg as { rule: string; message?: string };
    return `${topic} ${rule} ${message}`.trim();
  });
  t.same(short, [
    "consumers.machines.alert too-hot m1 is over 80 degrees for ten minutes, now at 90",
    "consumers.machines.clear too-hot",
    "consumers.machines.alert silent silent: nothing from m1 for 300000 ms",
    "consumers.machines.clear silent",
  ]);
});

t.test("docs/windows.md: the example does what it says", async (t) => {
  const means = (await examplesOf(t, "windows.md")).get("means.mjs");
  const reading = (at: number, celsius: number) => {
    return { topic: "plant.hall.reading", msg: { sensor: "s1", at, celsius } };
  };
  const readings = [reading(1_000, 10), reading(61_000, 7), reading(59_999, 20)];
  const found = await outputsOf(means, [...readings, reading(62_000, 9)]);
  t.match(found[0], [
    "plant.minute",
    { key: "s1", window: { start: 0, end: 60_000 }, timing: "on-time", n: 2, celsius: 15 },
  ]);
});

t.test("docs/transforms.md: the example does what it says", async (t) => {
  const clean = (await examplesOf(t, "transforms.md")).get("speeds.mjs");
  const speed = (id: number, value: unknown, unit?: string) => {
    return { topic: "car.a.speed", msg: { car: "a", id, speed: value, ...(unit && { unit }) } };
  };
  const found = await outputsOf(clean, [
    ...[speed(1, 10, "m/s"), speed(1, 10, "m/s"), speed(2, null), speed(3, "60 mph")],
  ]);
  t.same(
    found.map(([topic, msg]) => [topic, Math.round((msg as { speed: number }).speed)]),
    [
      ["car.clean.speed", 36],
      ["car.clean.speed", 36],
      ["car.clean.speed", 97],
    ],
  );
});

t.test("docs/serving.md: the example does what it says", async (t) => {
  const scores = (await examplesOf(t, "serving.md")).get("scores.mjs")!;
  await using bus = await busOf([]);
  const sha256 = await promote(bus, "fraud", linearFile({ weights: [1, 0], version: 3 }), 3);
  const payment = (id: string, x: number) => ({
    topic: "shop.payment.made",
    msg: { id, customer: "c1", x, y: 0 },
  });
  await publish(bus, [
    ...[payment("p1", 3), payment("p2", 0.5)],
    { topic: "shop.payment.checked", msg: { id: "p1", fraud: true } },
  ]);
  const { outputs } = await over(bus, scores);
  t.match(
    outputs.map(({ topic, msg }) => [topic, msg]),
    [
      ["models.fraud.serving", { sha256, version: 3, offset: 0, reason: "promoted" }],
      ["shop.payment.scored", { offset: 1, id: "p1", version: 3, sha256, decision: true }],
      ["shop.payment.scored", { offset: 2, id: "p2", version: 3, sha256, decision: false }],
      ["models.fraud.outcome", { id: "p1", label: 1, losses: { wrong: 0 }, labelOffset: 3 }],
    ],
  );
});

t.test("docs/models.md: the examples do what they say", async (t) => {
  const examples = await examplesOf(t, "models.md");
  const orders = Array.from({ length: 1_000 }, (_, index): Given => {
    const amount = (index * 37) % 100;
    return { topic: "shop.order.closed", msg: { amount, country: "no", returned: amount > 60 } };
  });
  const returns = await outputsOf(examples.get("returns.mjs"), orders);
  t.match(
    returns.map(([topic]) => topic),
    ["models.returns.metrics", "models.returns.trained", "models.returns.promoted"],
  );
  const payments = Array.from({ length: 2_000 }, (_, id): Given[] => {
    const at = logStart + id * 3_600_000;
    const amount = (id * 37) % 100;
    const made = { topic: "shop.payment.made", msg: { id, amount, terminal: id % 5, at } };
    const disputed = { topic: "shop.payment.disputed", msg: { id, at: at + 60_000 } };
    return amount > 80 ? [made, disputed] : [made];
  }).flat();
  const end = { topic: "shop.payment.made", msg: { id: -1, at: logStart + 2_400 * 3_600_000 } };
  const fraud = await outputsOf(examples.get("fraud.mjs"), [...payments, end]);
  const [, trained] = fraud.find(([topic]) => topic === "models.fraud.trained")!;
  t.ok((trained as { metrics: { auc: number } }).metrics.auc > 0.9);
  const hours = Array.from({ length: 100 }, (_, hour): Given => {
    const load = Math.sin((2 * Math.PI * hour) / 24);
    const at = logStart + hour * 3_600_000;
    return { topic: "plant.machine.measured", msg: { machine: "m1", load, at } };
  });
  const load = await outputsOf(examples.get("load.mjs"), hours);
  t.match(load.at(-1), ["models.load.forecast", { key: "m1", steps: [{}, {}, {}] }]);
  const baskets = Array.from({ length: 5 }, (): Given => {
    return { topic: "shop.order.paid", msg: { items: ["tea", "cup"] } };
  });
  const viewed: Given = { topic: "shop.cart.viewed", msg: { items: ["tea"] } };
  t.match(await outputsOf(examples.get("together.mjs"), [...baskets, viewed]), [
    ["models.together.recommendation", { basket: ["tea"], items: [{ item: "cup" }] }],
  ]);
});
