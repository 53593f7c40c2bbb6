import type { Envelope } from "../../schemas/index.js";
import { isCloseTo } from "./close-to.js";
import { testExample } from "./example.js";

interface TeamDay {
  readonly key: string;
  readonly window: { readonly start: number };
  readonly charges: number;
  readonly allocated: number;
  readonly cost: number;
  readonly wasted: number;
}

interface Expected {
  charges: number;
  allocated: number;
  cost: number;
  wasted: number;
}

const dayMs = 86_400_000;

testExample("cost-model", "focus_cost", async (t, { input, bodies, table }) => {
  const { days, dropped } = expectedOf(input);
  t.strictSame(Object.fromEntries(await table("cost-clean", "dropped")), dropped);
  t.ok(dropped["delivered before"]! > 0 && dropped["no cost"]! > 0);

  const found = bodies<TeamDay>("cloud.team.day");
  t.equal(found.length, days.size);
  t.ok(days.size > 50);
  for (const { key, window, ...own } of found) {
    const expected = days.get(`${key} ${window.start}`);
    t.ok(expected, `${key} ${window.start}`);
    for (const name of ["charges", "allocated", "cost", "wasted"] as const)
      if (!isCloseTo(own[name], expected?.[name])) t.fail(`${name} of ${key}`);
  }
  t.ok(
    found.some(({ wasted }) => wasted > 0),
    "some utilisation was found",
  );
  t.ok(
    found.some(({ charges, allocated }) => allocated < charges),
    "and some was not",
  );
  const anomalies = bodies<TeamDay & { readonly score: number }>("cloud.anomaly");
  t.strictSame(
    anomalies.map(({ key, window }) => `${key} ${window.start}`),
    anomaliesAmong(found),
  );
  t.ok(anomalies.length > 0 && anomalies.every(({ score }) => score > 3));
});

function expectedOf(input: readonly Envelope[]) {
  const dropped: Record<string, number> = {};
  const days = new Map<string, Expected>();
  const seen = new Set<string>();
  const timeOf = ({ timestamp }: Envelope) => Math.round(timestamp! * 1000);
  const usages = input.filter(({ topic }) => topic === "cloud.utilisation");
  const charges = input.filter(({ topic }) => topic === "cloud.charge");
  const lastDay = Math.floor(Math.max(...charges.map(timeOf)) / dayMs);
  for (const charge of charges) {
    const row = charge.msg as Record<string, string>;
    const reason = seen.has(row.Id!) ? "delivered before" : row.BilledCost === "" ? "no cost" : "";
    seen.add(row.Id!);
    if (reason !== "") {
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      continue;
    }
    const at = timeOf(charge);
    const day = Math.floor(at / dayMs);
    if (day === lastDay) continue;
    const used = usages
      .filter((usage) => (usage.msg as { resource: string }).resource === row.ResourceId)
      .filter((usage) => timeOf(usage) <= at)
      .map((usage) => (usage.msg as { used: number }).used)
      .at(-1);
    const account = row.SubAccountName === "NULL" ? "unallocated" : row.SubAccountName;
    const team = row.Tags === "NULL" ? account : (JSON.parse(row.Tags!).business_unit ?? account);
    const name = `${team} ${day * dayMs}`;
    const known = days.get(name) ?? { charges: 0, allocated: 0, cost: 0, wasted: 0 };
    const cost = Number(row.BilledCost);
    known.charges++;
    known.cost += cost;
    if (used !== undefined) {
      known.allocated++;
      known.wasted += cost * (1 - used);
    }
    days.set(name, known);
  }
  return { days, dropped };
}

/** Days whose cost is more than three sample standard deviations above the team's days before. */
function anomaliesAmong(days: readonly TeamDay[]): string[] {
  return days.flatMap(({ key, window, cost }, index) => {
    const before = days.slice(0, index).filter((day) => day.key === key);
    if (before.length < 2) return [];
    const mean = before.reduce((sum, day) => sum + day.cost, 0) / before.length;
    const squares = before.reduce((sum, day) => sum + (day.cost - mean) ** 2, 0);
    const score = (cost - mean) / Math.sqrt(squares / (before.length - 1));
    return score > 3 && Number.isFinite(score) ? [`${key} ${window.start}`] : [];
  });
}
