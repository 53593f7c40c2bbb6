import type { Envelope } from "../../schemas/index.js";
import { isCloseTo } from "./close-to.js";
import { testExample } from "./example.js";
import { heldFor } from "./held.js";

interface Told {
  readonly topic: string;
  readonly at: number;
  readonly car: string;
  readonly [field: string]: unknown;
}

interface Reading {
  readonly car: string;
  readonly at: number;
  readonly kmh: number;
  readonly cell: string;
  readonly driver: string;
}

const windowMs = 5 * 60_000;

testExample("connected-cars", "carobd", async (t, { input, bodies, table }) => {
  const { told, dropped } = clean(input);
  t.strictSame(Object.fromEntries(await table("car-clean", "dropped")), dropped);
  t.ok(dropped.twice! > 0 && dropped["no speed"]! > 0);
  t.ok(
    told.some(({ at }, index) => at < (told[index - 1]?.at ?? 0)),
    "some come late",
  );

  const readings = readingsOf(told);
  const name = ({ car, at, kmh, cell, driver }: Reading) => [car, at, kmh, cell, driver].join();
  t.strictSame(bodies<Reading>("car.driven").map(name).sort(), readings.map(name).sort());
  const drivers = (car: string) =>
    new Set(readings.filter((one) => one.car === car).map(({ driver }) => driver));
  t.ok(drivers("car-1").size === 2 && drivers("car-2").size === 1);

  checkViolations(await table("violations"));
  checkCells(bodies("road.cell"));
  checkPrediction(bodies("car.motion"));

  function checkViolations(found: ReadonlyMap<string, unknown>) {
    const end = Math.max(...readings.map(({ at }) => at));
    const expected = [...new Set(readings.map(({ driver }) => driver))].flatMap((driver) => {
      const own = readings.filter((reading) => reading.driver === driver);
      const samples = own
        .sort((a, b) => a.at - b.at)
        .map(({ at, kmh }) => ({ at, isHeld: kmh > 60, isOver: kmh < 55 }));
      const { alerts, clears } = heldFor(samples, 10_000, end);
      const seconds = clears.reduce(
        (sum, at, index) => sum + (at - alerts[index]!.since) / 1000,
        0,
      );
      return alerts.length === 0 ? [] : [[driver, { violations: alerts.length, seconds }] as const];
    });
    t.ok(expected.length > 0);
    t.strictSame(new Map([...found].sort()), new Map([...expected].sort()));
  }

  function checkPrediction(motions: readonly (Reading & { readonly gained?: number })[]) {
    t.equal(motions.length, readings.length);
    const speeds = new Map(readings.map(({ car, at, kmh }) => [`${car} ${at}`, kmh]));
    for (const { car, at, kmh, gained } of motions) {
      const before = speeds.get(`${car} ${at - 5_000}`);
      const expected = before === undefined ? undefined : kmh - before;
      if (!isCloseTo(gained, expected)) t.fail(`${car} at ${at} has gained ${gained}`);
    }
    const foreseen = bodies<{ id: string; output: number; decision: unknown }>("car.foreseen");
    t.strictSame(
      foreseen.map(({ id }) => id),
      motions.map(({ car, at }) => `${car} ${at}`),
    );
    t.ok(foreseen.every(({ output }) => output >= 0 && output <= 1));
    const measured = bodies<{
      readonly window: { readonly auc: number; readonly logLoss: number };
      readonly baseline: { readonly window: { readonly logLoss: number } };
    }>("models.car-too-fast.metrics").at(-1)!;
    t.ok(measured.window.auc > 0.8, `AUC ${measured.window.auc}`);
    t.ok(measured.window.logLoss < measured.baseline.window.logLoss);
  }

  function checkCells(
    found: readonly {
      readonly key: string;
      readonly window: { readonly start: number };
      readonly cars: number;
      readonly kmh: number;
      readonly kmhMax: number;
    }[],
  ) {
    const end = Math.floor(Math.max(...readings.map(({ at }) => at)) / windowMs) * windowMs;
    const startOf = ({ at }: Reading) => Math.floor(at / windowMs) * windowMs;
    const complete = readings.filter(({ at }) => at < end);
    const cells = new Map<string, Reading[]>();
    for (const reading of complete) {
      const name = `${reading.cell} ${startOf(reading)}`;
      cells.set(name, [...(cells.get(name) ?? []), reading]);
    }
    t.equal(found.length, cells.size);
    t.ok(cells.size > 5);
    for (const { key, window, cars, kmh, kmhMax } of found) {
      const own = cells.get(`${key} ${window.start}`) ?? [];
      t.equal(cars, new Set(own.map(({ car }) => car)).size);
      const speeds = own.map((reading) => reading.kmh);
      const mean = speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
      if (!isCloseTo(kmh, mean) || kmhMax !== Math.max(...speeds)) t.fail(`speeds in ${key}`);
    }
  }
});

function clean(input: readonly Envelope[]) {
  const dropped: Record<string, number> = {};
  const seen = new Set<string>();
  const told = input.flatMap(({ topic, msg, timestamp }): Told[] => {
    const body = msg as { readonly car: string; readonly kmh?: string };
    const at = Math.round(timestamp! * 1000);
    const name = `${topic}/${body.car}/${at}`;
    const reason = seen.has(name) ? "twice" : body.kmh === "255" ? "no speed" : undefined;
    seen.add(name);
    if (reason === undefined) return [{ ...body, topic, at }];
    dropped[reason] = (dropped[reason] ?? 0) + 1;
    return [];
  });
  return { told, dropped };
}

/** Every speed whose time has surely passed, with the newest position and driver of its time. */
function readingsOf(told: readonly Told[]): Reading[] {
  const sensed = told.filter(({ topic }) => topic !== "fleet.driver");
  const end = Math.max(...sensed.map(({ at }) => at)) - 5_000;
  const byTime = new Map<string, Told[]>();
  for (const one of told.toSorted((a, b) => a.at - b.at)) {
    const name = `${one.topic} ${one.car}`;
    const own = byTime.get(name) ?? [];
    own.push(one);
    byTime.set(name, own);
  }
  const speeds = sensed.filter(({ topic, at }) => topic === "car.speed" && at < end);
  return speeds.flatMap(({ car, at, kmh }) => {
    const newest = (topic: string) =>
      byTime.get(`${topic} ${car}`)?.findLast((other) => other.at <= at);
    const position = newest("car.position");
    if (position === undefined) return [];
    const { lat, lon } = position as unknown as { readonly lat: number; readonly lon: number };
    const cell = `${Math.floor(lat * 100)}:${Math.floor(lon * 100)}`;
    return [{ car, at, kmh: Number(kmh), cell, driver: newest("fleet.driver")!.driver as string }];
  });
}
