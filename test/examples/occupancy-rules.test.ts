import type { Envelope } from "../../schemas/index.js";
import { testExample } from "./example.js";
import { heldFor } from "./held.js";

interface Reading {
  readonly room: string;
  readonly at: number;
  readonly light: number;
  readonly co2: number;
  readonly isOccupied: boolean;
}

interface Report {
  readonly rule: string;
  readonly key: string;
  readonly since: number;
  readonly at: number;
}

const minuteMs = 60_000;

testExample("occupancy-rules", "occupancy", async (t, { input, bodies, table }) => {
  const { readings, dropped } = clean(input);
  t.strictSame(Object.fromEntries(await table("room-clean", "dropped")), dropped);
  t.ok(dropped.garbled! > 0 && dropped.twice! > 0);
  t.ok(
    readings.some(({ at, room }, index) => {
      const before = readings.slice(0, index).findLast((other) => other.room === room);
      return before !== undefined && at < before.at;
    }),
    "some come late",
  );

  const expected = expectedOf(readings);
  const alerts = bodies<Report>("consumers.room-alerts.alert");
  const clears = bodies<Report>("consumers.room-alerts.clear");
  const name = ({ rule, key, since, at }: Report) => `${rule} ${key} ${since} ${at}`;
  t.strictSame(alerts.map(name).sort(), expected.alerts.sort());
  t.strictSame(
    clears.map(({ rule, key, at }) => `${rule} ${key} ${at}`).sort(),
    expected.clears.sort(),
  );
  for (const rule of ["bad-air", "light-for-nobody"])
    t.ok(
      alerts.some((alert) => alert.rule === rule),
      rule,
    );
});

function clean(input: readonly Envelope[]) {
  const dropped: Record<string, number> = {};
  const seen = new Set<string>();
  const readings = input.flatMap(({ msg, timestamp }): Reading[] => {
    const { room, light, co2, occupied } = msg as Record<string, string>;
    const at = Math.round(timestamp! * 1000);
    const name = `${room}/${at}`;
    const reason = Number(co2) < 0 ? "garbled" : seen.has(name) ? "twice" : undefined;
    if (reason === undefined) {
      seen.add(name);
      const isOccupied = occupied === "1";
      return [{ room: room!, at, light: Number(light), co2: Number(co2), isOccupied }];
    }
    dropped[reason] = (dropped[reason] ?? 0) + 1;
    return [];
  });
  return { readings, dropped };
}

function expectedOf(readings: readonly Reading[]) {
  const end = Math.max(...readings.map(({ at }) => at)) - 5 * minuteMs;
  const alerts: string[] = [];
  const clears: string[] = [];
  for (const room of new Set(readings.map((reading) => reading.room))) {
    const own = readings.filter((reading) => reading.room === room).sort((a, b) => a.at - b.at);
    const report = (rule: string, found: ReturnType<typeof heldFor>) => {
      for (const { since, at } of found.alerts) alerts.push(`${rule} ${room} ${since} ${at}`);
      for (const at of found.clears) clears.push(`${rule} ${room} ${at}`);
    };
    const air = own.map(({ at, co2 }) => ({ at, isHeld: co2 > 1000, isOver: co2 < 900 }));
    report("bad-air", heldFor(air, 10 * minuteMs, end));
    const lit = own.map(({ at, light, isOccupied }) => {
      const isHeld = light > 300 && !isOccupied;
      return { at, isHeld, isOver: !isHeld };
    });
    report("light-for-nobody", heldFor(lit, 15 * minuteMs, end));
    for (const [index, { at }] of own.entries()) {
      const before = own[index - 1]?.at ?? at;
      if (before + 5 * minuteMs >= at || at > end) continue;
      alerts.push(`silent ${room} ${before} ${before + 5 * minuteMs}`);
      clears.push(`silent ${room} ${at}`);
    }
  }
  return { alerts, clears };
}
