import fc from "fast-check";
import t from "tap";
import { type Alert, type Clear, type Rule, rule, rules } from "../../../consumers/index.js";
import { patienceMs } from "../../bus/seed.js";
import { busOf, logStart, type Outcome, over } from "../over-log.js";
import { assertAsyncProperty, disturbances } from "../property.js";
import { absentModel, countModel, heldModel, type Reading, tickThrough } from "./model.js";

t.setTimeout(patienceMs);

interface Body {
  readonly key: string;
  readonly t: number;
  readonly w: boolean;
  readonly c: boolean;
}

type Clock = "log" | "event";

const bodyOf = ({ msg }: { readonly msg: unknown }): Body => msg as Body;
const endMs = 1_000;
const when = "msg.w";
const clearWhen = (event: { readonly msg: unknown }) => bodyOf(event).c;

/** Events of two keys; between two there may be a long time, or none. */
const bodies = fc
  .array(
    fc.record({
      key: fc.constantFrom("a", "b"),
      gap: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 40 })),
      w: fc.boolean(),
      c: fc.boolean(),
      shuffle: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 14 },
  )
  .map((samples) => {
    let now = 0;
    return samples.map(({ gap, shuffle, ...rest }) => {
      now += gap;
      return { ...rest, at: now, t: now + shuffle };
    });
  });

const common = fc.record({
  cooldownMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
  clearWhen: fc.boolean(),
});

const held = fc.tuple(common, fc.integer({ min: 0, max: 30 })).map(([setting, forMs]) => {
  const { cooldownMs } = setting;
  const spec = { name: "rule", when, forMs, cooldownMs, ...(setting.clearWhen && { clearWhen }) };
  return { rule: rule.heldFor(spec), model: () => heldModel({ ...setting, forMs }), spec };
});

const counted = fc
  .tuple(common, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }), fc.nat(3))
  .map(([setting, count, withinMs, less]) => {
    const { cooldownMs } = setting;
    const clearBelow = Math.max(1, count - less);
    const how = setting.clearWhen ? { clearWhen } : { clearBelow };
    const spec = { name: "rule", when, count, withinMs, cooldownMs, ...how };
    const model = () => countModel({ ...setting, count, withinMs, clearBelow });
    return { rule: rule.countWithin(spec), model, spec };
  });

const missed = fc
  .tuple(common, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 100 }))
  .map(([{ cooldownMs }, forMs, forgetMs]) => {
    const spec = { name: "rule", forMs, cooldownMs, forgetMs };
    return { rule: rule.absent(spec), model: () => absentModel(spec), spec };
  });

function running(rule: Rule, clock: Clock, outOfOrderMs: number) {
  const watermark = { time: (event: { readonly msg: unknown }) => bodyOf(event).t, outOfOrderMs };
  return rules({
    ...{ name: "ruled", topics: ["in"], key: (event) => bodyOf(event).key, rules: [rule] },
    ...{ clock, watermark },
  });
}

/** What was said of a key, in the model's words; times from `start`. */
function saidOf({ outputs }: Outcome, key: string, start: number): string[] {
  return outputs
    .filter(({ msg }) => (msg as Alert | Clear).key === key)
    .map(({ topic, msg }) => {
      const { id, at } = msg as Alert | Clear;
      return `${topic.split(".").at(-1)} ${id.split("/").at(-1)} ${at - start}`;
    });
}

/** Readings of a key in order of time, without those behind the watermark. */
function readingsOf(
  events: readonly (Body & { readonly at: number })[],
  key: string,
  clock: Clock,
  outOfOrderMs: number,
): Reading[] {
  let latest = Number.NEGATIVE_INFINITY;
  const readings: (Reading & { key: string })[] = [];
  events.forEach(({ at, t, ...rest }, offset) => {
    if (clock === "log") readings.push({ ...rest, offset, t: at });
    else if (t >= latest - outOfOrderMs) readings.push({ ...rest, offset, t });
    latest = Math.max(latest, t);
  });
  return readings.filter((one) => one.key === key).sort((a, b) => a.t - b.t);
}

const clocks = fc.constantFrom<Clock>("log", "event");
const disorder = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 }));

for (const [kind, arbitrary] of Object.entries({ held, counted, missed }))
  t.test(`rules: ${kind}: says what its model says, ms by ms, through crashes too`, async () => {
    const property = fc.asyncProperty(
      fc.tuple(bodies, arbitrary, clocks, disorder, disturbances),
      async ([events, one, clock, outOfOrderMs, { commitEventsMax, crashAt }]) => {
        const end = { topic: "in", msg: { key: "end", t: 1e6, w: false, c: false }, at: endMs };
        const given = events.map(({ at, ...msg }) => ({ topic: "in", msg, at }));
        await using bus = await busOf([...given, end], endMs);
        const consumer = running(one.rule, clock, outOfOrderMs);
        const plain = await over(bus, consumer);
        for (const key of ["a", "b"]) {
          const said = saidOf(plain, key, clock === "log" ? logStart : 0);
          const readings = readingsOf(events, key, clock, outOfOrderMs);
          const expected = tickThrough(one.model(), readings, endMs);
          if (JSON.stringify(said) !== JSON.stringify(expected))
            throw new Error(`${JSON.stringify(one.spec)}\n${said}\nand not\n${expected}`);
        }
        const parts: string[] = [];
        for (const index of [0, 1]) {
          const partition = { index, count: 2 };
          parts.push((await over(bus, consumer, { runner: { partition } })).bytes);
        }
        const both = parts.flatMap((bytes) => bytes.split("\n")).filter((line) => line !== "");
        if (both.sort().join("\n") !== plain.bytes.split("\n").sort().join("\n"))
          throw new Error(`two processes: ${both}\nand not\n${plain.bytes}`);
        const disturbed = await over(bus, consumer, { limits: { commitEventsMax }, crashAt });
        if (plain.bytes !== disturbed.bytes || plain.sha256 !== disturbed.sha256)
          throw new Error(`${plain.bytes}\nand not\n${disturbed.bytes}`);
      },
    );
    await assertAsyncProperty(property, 40);
  });
