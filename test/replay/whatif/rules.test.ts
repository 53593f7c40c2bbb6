import t from "tap";
import { type Alert, type Clear, type Consumer, rule, rules } from "../../../consumers/index.js";
import { busOf, type Given, logStart } from "../../consumers/over-log.js";
import { compared, runLive } from "./compared.js";

const heldMs = 3_000;
const machines: Consumer = rules<{ readonly limit: number }>({
  ...{ name: "machines", topics: ["in"], key: ({ msg }) => (msg as { key: string }).key },
  config: { properties: { limit: { type: "number" } } },
  rules: () => [rule.heldFor({ name: "hot", when: "msg.c > config.limit", forMs: heldMs })],
}) as Consumer;

/** A machine is at `degrees` for so many readings, one a second, and then cold for two. */
interface Pulse {
  readonly key: string;
  readonly degrees: number;
  readonly readings: number;
  /** Its first reading, and the first cold one after it. */
  readonly offset: number;
  readonly startMs: number;
  readonly endMs: number;
}

function pulsesOf(count: number): { readonly pulses: Pulse[]; readonly events: Given[] } {
  const pulses: Pulse[] = [];
  const events: Given[] = [];
  for (let index = 0; index < count; index++) {
    const about = { key: `m${index % 3}`, degrees: (index * 7) % 100, readings: 2 + (index % 5) };
    const { key, degrees, readings } = about;
    const offset = events.length;
    pulses.push({ ...about, offset, startMs: offset * 1_000, endMs: (offset + readings) * 1_000 });
    for (const c of [...Array<number>(readings).fill(degrees), 0, 0])
      events.push({ topic: "in", msg: { key, c }, at: events.length * 1_000 });
  }
  return { pulses, events };
}

/** A pulse above the limit gives an alert, and its clear, if it is longer than what it must hold for. */
const isTold = (limit: number) => (pulse: Pulse) =>
  pulse.degrees > limit && pulse.endMs - pulse.startMs > heldMs;

/** What is said of a pulse, whichever limit it is above. */
function saidOf({ key, offset, startMs, endMs }: Pulse): string[] {
  const id = `machines/hot/${key}/${offset}`;
  return [`alert ${id} ${startMs + heldMs}`, `clear ${id} ${endMs}`];
}

function said(output: unknown): string {
  const { id, at } = output as Alert | Clear;
  return `${"alertedAt" in (output as object) ? "clear" : "alert"} ${id} ${at - logStart}`;
}

t.test("what-if: another threshold of a rule gives and takes exactly its alerts", async (t) => {
  const { pulses, events } = pulsesOf(200);
  const endAt = events.length * 1_000;
  await using bus = await busOf(events, endAt);
  const against = await runLive(t, bus, machines, { config: { limit: 50 } });
  const old = pulses.filter(isTold(50));
  for (const limit of [50, 40, 70, 99]) {
    const fresh = pulses.filter(isTold(limit));
    const added = fresh.filter((pulse) => !old.includes(pulse)).flatMap(saidOf);
    const dropped = old.filter((pulse) => !fresh.includes(pulse)).flatMap(saidOf);
    const options = { against, config: { limit }, limit: 1_000 };
    const { totals, differences } = await compared(t, bus, machines, options);
    const same = 2 * old.length - dropped.length;
    t.same(totals, { same, added: added.length, dropped: dropped.length, changed: 0 });
    const of = (kind: string) => differences.filter((one) => one.kind === kind);
    t.same(
      of("added").map((one) => said(one.new)),
      added,
      `added at ${limit}`,
    );
    t.same(
      of("dropped").map((one) => said(one.old)),
      dropped,
      `dropped at ${limit}`,
    );
  }
});
