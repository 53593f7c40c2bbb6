import t from "tap";
import { type ForecastSpec, forecast } from "../../../consumers/index.js";
import { below, loops, seeded } from "../../bus/seed.js";
import { busOf, type Given, logStart, over } from "../over-log.js";
import { bodiesOn, randomOf } from "../train/orders.js";

const runs = loops("FEDBUS_TRAIN_RUNS", 2);

interface Told {
  readonly key: string;
  readonly time: number;
  readonly value: number | null;
  readonly steps: readonly {
    readonly time: number;
    readonly value: number | null;
    readonly lower: number | null;
  }[];
  readonly mae: number;
  readonly lastValueMae: number;
}

/** Two rooms by the hour, three readings each; hot by day, and once far too hot. */
function rooms(hours: number): Given[] {
  const random = randomOf(5);
  return Array.from({ length: hours * 3 }, (_, index): Given[] => {
    const minutes = index * 20;
    const wave = Math.sin((2 * Math.PI * minutes) / 1_440);
    return ["attic", "cellar"].map((room) => ({
      topic: "room.measured",
      msg: {
        room,
        celsius:
          (room === "attic" ? 20 + 10 * wave : 12 + wave) +
          random() +
          (index === 900 && room === "attic" ? 40 : 0),
      },
      at: minutes * 60_000,
    }));
  }).flat();
}

const spec: ForecastSpec = {
  name: "rooms",
  topics: ["room.measured"],
  key: "msg.room",
  value: "msg.celsius",
  model: "holt-winters",
  hyper: { season: 24 },
  stepMs: 3_600_000,
  ahead: 3,
  watermark: { time: ({ recordedAt }) => recordedAt },
};

t.test(
  "forecast: knows the next hours better than the last one does, and tells what is unusual",
  async (t) => {
    await using bus = await busOf(rooms(400), 400 * 3_600_000);
    const { outputs } = await over(bus, forecast(spec));
    const told = bodiesOn<Told>(outputs, "models.rooms.forecast");
    t.equal(told.length, 2 * 400, "each hour, of each room");
    const attic = told.filter(({ key }) => key === "attic");
    const { steps, time, mae, lastValueMae } = attic.at(-1)!;
    t.same(
      steps.map((step) => step.time - time),
      [3_600_000, 7_200_000, 10_800_000],
    );
    t.ok(mae < lastValueMae / 2, `${mae} beside ${lastValueMae}`);
    t.same(attic[0]!.steps[0]!.lower, null, "no bounds before there were errors");
    const unusual = bodiesOn<{ key: string; time: number; deviation: number }>(
      outputs,
      "models.rooms.anomaly",
    );
    t.match(unusual[0], {
      key: "attic",
      time: Math.floor(logStart / 3_600_000) * 3_600_000 + 300 * 3_600_000,
    });
    t.ok(unusual.every(({ key }) => key === "attic"));
    const causes = outputs.map(({ envelope }) => envelope.headers?.cause as { key: string });
    t.ok(causes.every((cause) => cause.key === "attic" || cause.key === "cellar"));
  },
);

t.test("forecast: the same in commits of any size, and after any stop", async (t) => {
  const random = seeded(t);
  await using bus = await busOf(rooms(60), 60 * 3_600_000);
  const kinds: readonly ForecastSpec[] = [
    { ...spec, hyper: { season: 6 } },
    (({ stepMs: _, hyper: __, ...rest }) => ({ ...rest, model: "ewma" }))(spec),
  ];
  for (const kind of kinds) {
    const whole = await over(bus, forecast(kind));
    for (let run = 0; run < runs; run++) {
      const commitEventsMax = 1 + below(random, 40);
      const crashAt = [1, 2, 3].map(() => 1 + below(random, 60));
      const parted = await over(bus, forecast(kind), { limits: { commitEventsMax }, crashAt });
      t.equal(parted.bytes, whole.bytes);
      t.equal(parted.sha256, whole.sha256);
    }
  }
});

t.test("forecast: hours without a value are missing; after too many it begins anew", async (t) => {
  const at = (hour: number, celsius: unknown): Given => ({
    topic: "room.measured",
    msg: { room: "attic", celsius },
    at: hour * 3_600_000,
  });
  const events = [
    at(0, 10),
    at(1, 10),
    at(2, "hot"),
    at(5, 20),
    at(50, 30),
    at(51, 31),
    at(52, null),
  ];
  await using bus = await busOf(events, 60 * 3_600_000);
  const { outputs } = await over(
    bus,
    forecast({ ...spec, model: "ewma", hyper: { alpha: 0.5 }, gapStepsMax: 10 }),
  );
  const told = bodiesOn<Told>(outputs, "models.rooms.forecast");
  t.same(
    told.map(({ steps }) => steps[0]!.value),
    [10, 10, 15, 30, 30.5],
  );
});

t.test("forecast: all that is wrong with its options is said at once", (t) => {
  const wrong: readonly [object, RegExp][] = [
    [{ model: "arima", ahead: 0 }, /model must be one of ewma, holt-winters.*ahead must/],
    [{ hyper: { alpha: 2 } }, /alpha must/],
    [{ stepMs: 0.5, value: 3 }, /value must.*stepMs must/],
  ];
  for (const [options, message] of wrong)
    t.throws(() => forecast({ ...spec, ...options }), { code: "OPTIONS_INVALID", message });
  t.end();
});
