import t from "tap";
import type { Logger } from "../../../bus/index.js";
import { Extractor } from "../../../consumers/models/features/extractor.js";
import { trainingReports } from "../../../consumers/models/registry/training-reports.js";
import { unseenFeatures } from "../../../consumers/models/troubles/unseen-features.js";
import { train } from "../../../consumers/train/train.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { Troubles } from "../../../consumers/train/troubles.js";
import { busOf, over } from "../over-log.js";
import { bodiesOn, orders, ordersBus, returned, trainedIn } from "./orders.js";

interface Report {
  readonly rows: number;
  readonly counts: object;
  readonly troubles?: readonly object[];
}

/** What a consumer publishes, and what it warns of. */
async function told(
  bus: Awaited<ReturnType<typeof ordersBus>>,
  spec: TrainSpec,
  crashAt: number[] = [],
) {
  const warnings: string[] = [];
  const quiet = () => undefined;
  const logger = {
    ...{ debug: quiet, info: quiet, error: quiet },
    warn: (_: object, message: string) => warnings.push(message),
  } as unknown as Logger;
  const limits = { commitEventsMax: 50, retryMsMax: 1 };
  const { outputs } = await over(bus, train(spec), { runner: { logger }, limits, crashAt });
  const reports = bodiesOn<Report>(outputs, "models.returned.metrics");
  return { warnings: warnings.filter((line) => line.includes("offset")), reports, outputs };
}

t.test(
  "train: a misspelt label is told once, with its path and an event, and counted",
  async (t) => {
    await using bus = await ordersBus(1_200);
    const { warnings, reports } = await told(bus, { ...returned, label: "msg.retuned" });
    t.same(warnings, [
      "10 of 10 events have no label (msg.retuned), first the one at offset 0: nothing is learnt from them",
    ]);
    t.match(reports.at(-1), {
      ...{ rows: 0, counts: { withoutLabel: 1_000 } },
      troubles: [{ kind: "withoutLabel", path: "msg.retuned", events: 1_000, offset: 0 }],
    });
  },
);

t.test("train: text where numbers should be is told, by the feature's path", async (t) => {
  const given = orders(1_000).map((order, index) => {
    const msg = order.msg as { amount: unknown };
    return index % 5 === 3 ? { ...order, msg: { ...msg, amount: `${msg.amount} EUR` } } : order;
  });
  await using bus = await busOf(given);
  const { warnings, reports, outputs } = await told(bus, returned, [7, 11]);
  t.match(
    new Set(warnings),
    new Set([
      "100 of 499 events have a value that its encoder cannot take (msg.amount), first the one at offset 3: it counts as missing",
    ]),
  );
  t.match(reports.at(-1), {
    ...{ rows: 1_000, counts: { wrongValues: 200 } },
    troubles: [{ kind: "wrongValues", path: "msg.amount", events: 200, offset: 3 }],
  });
  t.equal(trainedIn(outputs).length, 1, "and the rest is learnt");
  const made: TrainSpec = {
    ...returned,
    features: {
      names: ["price"],
      values: ({ msg }) => ({ price: (msg as { amount: unknown }).amount }),
    },
  };
  const { reports: ofFunction } = await told(bus, made);
  t.match(ofFunction.at(-1)!.troubles, [{ kind: "wrongValues", path: "price", events: 200 }]);
});

t.test(
  "train: features that are in no event are told once; those that are rare are not",
  async (t) => {
    const given = orders(1_200).map((order, index) => {
      const { amount: _, ...msg } = order.msg as { amount: unknown };
      return { ...order, msg: index === 99 ? { ...msg, rare: 1 } : msg };
    });
    await using bus = await busOf(given, 10_000_000_000);
    const features = [
      { path: "msg.amount", encoder: { kind: "number", missing: true } },
      { path: "msg.rare" },
      { path: "msg.shop", encoder: "one-hot" },
      { path: "msg.shpo", encoder: "one-hot" },
      { path: "msg.sohp", encoder: "category" },
      { path: "headers.who", encoder: "missing" },
    ] as const;
    const { warnings, reports, outputs } = await told(bus, { ...returned, features }, [3, 9]);
    const missing = ["msg.amount", "msg.shpo", "msg.sohp", "headers.who"];
    t.same(
      [...new Set(warnings)],
      missing.map(
        (path) =>
          `100 of 100 events have nothing where a feature is looked for (${path}), first the one at offset 0: it is always missing; is the path right?`,
      ),
    );
    t.same(reports.at(-1)!.counts, { withoutFeature: 4_000 });
    t.same(
      reports.at(-1)!.troubles,
      missing.map((path) => ({ kind: "withoutFeature", path, events: 1_000, offset: 0 })),
    );
    t.equal(trainedIn(outputs).length, 1, "and the rest is learnt");
    const undisturbed = await told(bus, { ...returned, features });
    t.equal(undisturbed.warnings.length, missing.length, "each once");
    const made = {
      names: ["price", "total"],
      values: ({ msg }: { msg: unknown }) => msg as object,
    };
    const ofFunction = await told(bus, { ...returned, features: made as TrainSpec["features"] });
    t.match(ofFunction.warnings, [/\(price\)/, /\(total\)/]);
  },
);

t.test("troubles: a feature that comes late is none any more, also after a restart", async (t) => {
  const path = "msg.late";
  await using bus = await busOf(
    Array.from({ length: 130 }, (_, index) => ({
      topic: "in",
      msg: index < 120 ? {} : { late: 1 },
    })),
  );
  const { sought } = Extractor.of([{ path }], {});
  let unseen = unseenFeatures(sought);
  let told = 0;
  const notes: (string | undefined)[] = [];
  for await (const event of bus.query()) {
    told += unseen.look(event).length;
    notes.push(new Troubles(undefined, unseen).note);
    unseen = unseenFeatures(sought, JSON.parse(JSON.stringify(unseen.state)));
  }
  t.equal(told, 1);
  t.equal(notes[98], undefined);
  t.match(notes[119], /^120 of 120 events have nothing .*\(msg\.late\), first the one at offset 0/);
  t.equal(notes[120], undefined);
  const other = unseenFeatures([{ path: "msg.other", isIn: () => false }], unseen.state);
  t.match(other.state, { events: 0, paths: ["msg.other"] }, "what is kept is about other features");
});

t.test(
  "train: labels that find no event are told; rows that none finds are only counted",
  async (t) => {
    const given = orders(400).flatMap((order) => {
      const { id, returned: label } = order.msg as { id: number; returned: boolean };
      return [order, { topic: "shop.return", msg: { order: id, label }, at: order.at! + 1 }];
    });
    await using bus = await busOf(given, 10_000_000_000);
    const { label: _, ...without } = returned;
    const labelJoin = {
      ...{ topics: ["shop.return"], key: "msg.id", labelKey: "msg.order", withinMs: 60_000 },
      label: "msg.label",
    };
    const right = await told(bus, { ...without, labelJoin });
    t.same(right.warnings, []);
    const { warnings, reports } = await told(bus, {
      ...without,
      labelJoin: { ...labelJoin, labelKey: "msg.label" },
      metrics: { everyRows: 400 },
    });
    t.match(warnings, [/have a label for no event that waits for one \(msg.label\)/]);
    t.match(reports.at(-1), { rows: 0, counts: { unlabelled: 400, labelOfNothing: 400 } });
  },
);

t.test("troubles: what is rare is counted, not told; reasons are bounded", (t) => {
  const troubles = new Troubles();
  for (let n = 0; n < 500; n++) {
    troubles.saw();
    if (n % 10 === 0) t.equal(troubles.count("withoutLabel", "msg.a", n), undefined);
  }
  t.equal(troubles.note, undefined);
  for (let n = 0; n < 100; n++) troubles.count("wrongValues", `msg.${n}`, n);
  t.equal(troubles.list.length, 65);
  t.same(troubles.counts, { withoutLabel: 50, wrongValues: 100 }, "none goes uncounted");
  t.match(
    troubles.list.find(({ kind, path }) => kind === "wrongValues" && path === undefined),
    { events: 37, offset: 63 },
  );
  troubles.count("withoutKey", "msg.key", 500);
  t.equal(troubles.lost, 51);
  const again = new Troubles(JSON.parse(JSON.stringify(troubles.state)));
  for (let n = 50; n < 99; n++) again.count("withoutLabel", "msg.a", n);
  t.match(
    again.count("withoutLabel", "msg.a", 99),
    /^100 of 500 events have no label \(msg\.a\), first the one at offset 0/,
  );
  t.match(again.note, /^100 of 500/);
  t.end();
});

t.test("registry: the last report of each model that is trained", async (t) => {
  await using bus = await ordersBus(0);
  await using publisher = bus.publisher();
  const trouble = { kind: "withoutLabel", path: "msg.l", events: 7, offset: 3 };
  for (const [name, msg] of [
    ["a", { rows: 1, learnt: 1 }],
    ["a", { rows: 2, learnt: 1, troubles: [trouble, { kind: 3 }, null] }],
    ["b", { rows: 5, learnt: 5 }],
    ["forecast", { mae: 3 }],
  ] as const)
    await publisher.publish(`models.${name}.metrics`, msg);
  const reports = await trainingReports(bus);
  t.same([...reports.keys()].sort(), ["a", "b"]);
  t.same(reports.get("a"), { name: "a", rows: 2, learnt: 1, troubles: [trouble], offset: 1 });
  t.same([...(await trainingReports(bus, "b")).keys()], ["b"]);
});
