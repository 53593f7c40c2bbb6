import { join } from "node:path";
import type { Bus } from "../../bus/index.js";
import { forecast, modelTopic, runConsumer } from "../../consumers/index.js";
import { isFedbusError } from "../../schemas/errors.js";
import { demoTopic } from "./schemas.js";

const name = "demo-load";
/** Seconds that are forecast, and those between two lines about it. */
const ahead = 10;
const sayEvery = 30;
/** No share counts as off by less than this as a rule, however still it was. */
const usualLeast = 0.03;
/** Deviations from which on a load is unusual. */
const unusualFrom = 4;
/** A share that is off by less is not worth a line, however unusual. */
const worthSaying = unusualFrom * usualLeast;

/** How busy the processors will be, a second a step: an average that forgets, and the errors that it makes. */
const learner = forecast({
  name,
  version: "1",
  topics: [demoTopic("cpu")],
  key: "msg.host",
  value: "msg.usage",
  model: "ewma",
  hyper: { warmUp: 20, clip: 4 },
  ahead,
  unusual: unusualFrom,
});

interface Expected {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

interface Told {
  readonly steps: readonly Expected[];
  readonly mae?: number;
  readonly lastValueMae?: number;
}

interface Unusual {
  readonly value: number;
  readonly deviation: number;
  readonly expected: Expected;
}

/**
 * Learns to forecast this machine's load from the demo's events until `signal` aborts, and says in plain lines what it
 * has learnt. The demo goes on without it if it fails.
 */
export async function learnLoad(
  bus: Bus,
  options: {
    readonly dir: string;
    readonly signal: AbortSignal;
    readonly say: (line: string) => Promise<void>;
  },
): Promise<void> {
  const { dir, signal, say } = options;
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const telling = tell(bus, either, say);
  try {
    await runConsumer(bus, learner, {
      ...{ dir: join(dir, "demo", name), from: "live", signal: either },
    });
  } catch (error) {
    if (!signal.aborted) await say(`Learning has ended: ${reasonOf(error)}`);
  } finally {
    ending.abort();
    await telling;
  }
}

async function tell(
  bus: Bus,
  signal: AbortSignal,
  say: (line: string) => Promise<void>,
): Promise<void> {
  const topics = { forecast: modelTopic(name, "forecast"), anomaly: modelTopic(name, "anomaly") };
  let seconds = 0;
  try {
    await using subscription = bus.subscribe(Object.values(topics), { from: "live", signal });
    for await (const { events } of subscription.batches())
      for (const { topic, msg } of events) {
        if (topic === topics.anomaly) await sayUnusual(msg as Unusual, say);
        else if (++seconds % sayEvery === 0) await say(lineOfForecast(msg as Told));
      }
  } catch (error) {
    if (!signal.aborted) await say(`Nothing more is told of what is learnt: ${reasonOf(error)}`);
  }
}

async function sayUnusual(unusual: Unusual, say: (line: string) => Promise<void>): Promise<void> {
  if (offBy(unusual) >= worthSaying) await say(lineOfAnomaly(unusual));
}

function offBy({ value, expected }: Pick<Unusual, "value" | "expected">): number {
  return Math.abs(value - (expected.value ?? value));
}

/** What is expected, and how good that is. */
export function lineOfForecast({ steps, mae = 0, lastValueMae = 0 }: Told): string {
  const { value, lower, upper } = steps.at(-1)!;
  const bounds = lower === null ? "" : ` (${percent(lower)} to ${percent(upper)})`;
  return (
    `Learnt: in ${ahead} seconds the processors will be about ${percent(value)} busy${bounds}. ` +
    `Forecasts of the next second were wrong by ${percent(mae, 1)} on average, ` +
    `${percent(lastValueMae, 1)} if it just stayed as it was.`
  );
}

/**
 * What was not expected. A load that hardly changes makes errors of next to nothing, beside which all is far off: how
 * far is told by the least that a share is off by anyhow.
 */
export function lineOfAnomaly({ value, deviation, expected }: Unusual): string {
  const off = offBy({ value, expected });
  const usual = Math.max(off / Math.abs(deviation), usualLeast);
  const times = (off / usual).toFixed(1);
  return (
    `Unusual: the processors are ${percent(value)} busy, and ${percent(expected.value)} was expected: ` +
    `${times} times as far off as is usual.`
  );
}

function percent(share: number | null, digits = 0): string {
  return `${(100 * Math.min(1, Math.max(0, share ?? 0))).toFixed(digits)} %`;
}

function reasonOf(error: unknown): string {
  return isFedbusError(error) ? `${error.code}: ${error.message}` : String(error);
}
