import fc from "fast-check";
import t from "tap";
import { joinTable, type TableJoinSpec } from "../../../consumers/index.js";
import { patienceMs } from "../../bus/seed.js";
import { busOf, type Given, over } from "../over-log.js";
import { assertAsyncProperty, disturbances } from "../property.js";
import { endTime, given, keyOf, type Sample, samples, timeOf } from "./timeline.js";

t.setTimeout(patienceMs);

type Options = Partial<Omit<TableJoinSpec, "output">>;

/** Joins `in.l` with the table of `in.r`; rows whose id is a multiple of 5 delete. */
function joiner(options: Options, outOfOrderMs = 0) {
  return joinTable<Sample, number>({
    name: "joiner",
    stream: { topics: ["in.l"], key: keyOf },
    table: {
      topics: ["in.r"],
      key: keyOf,
      value: ({ msg }) => ((msg as Sample).id % 5 === 0 ? null : (msg as Sample).id) as number,
    },
    type: "left",
    watermark: { time: timeOf, outOfOrderMs },
    ...(options as object),
    output: (row, tableRow) => ({ topic: "out.row", msg: `${row.id}-${tableRow ?? null}` }),
  });
}

async function rowsOf(events: readonly Given[], options: Options, outOfOrderMs = 0) {
  await using bus = await busOf(events);
  const { outputs } = await over(bus, joiner(options, outOfOrderMs));
  return outputs.map(({ msg }) => msg as string).filter((row) => !row.startsWith("-1-"));
}

const l = (id: number, t: number): Given => ({ topic: "in.l", msg: { id, key: "k", t } });
const r = (id: number, t: number): Given => ({ topic: "in.r", msg: { id, key: "k", t } });

t.test("table join: latest is what came last, in the log's order", async (t) => {
  // offset 0  1  2  3  4  5  6
  // table     1     2     5         at 9, 3, 4: their times do not matter; 5 deletes
  // stream 6     7     8     9
  const events = [l(6, 0), r(1, 9), l(7, 0), r(2, 3), l(8, 0), r(5, 4), l(9, 0)];
  t.same(await rowsOf(events, {}), ["6-null", "7-1", "8-2", "9-null"]);
  t.same(await rowsOf(events, { type: "inner" }), ["7-1", "8-2"]);
});

t.test("table join: a latest row is gone after its time, in the log's time", async (t) => {
  // log's time 0  10  19  20
  // table      1
  // stream        6   7   8
  const at = (given: Given, at: number): Given => ({ ...given, at });
  const events = [at(r(1, 0), 100), at(l(6, 0), 110), at(l(7, 0), 119), at(l(8, 0), 120)];
  t.same(await rowsOf(events, { ttlMs: 20 }), ["6-1", "7-1", "8-null"]);
});

t.test("table join: as of the event's time finds the row that held then", async (t) => {
  // time   0    5    10   15
  // table       1    2              from 5, from 10
  // stream   6  7 8  9              at 4, 5, 7, 10
  // table              3            from 7, and comes last of all
  // stream             11 12        at 7, 12
  const events = [
    r(1, 5),
    r(2, 10),
    l(6, 4),
    l(7, 5),
    l(8, 7),
    l(9, 10),
    r(3, 7),
    l(11, 7),
    l(12, 12),
  ];
  const rows = ["6-null", "7-1", "8-1", "9-2", "11-3", "12-2"];
  t.same(await rowsOf(events, { asOf: "event-time" }, 100), rows);
});

t.test("table join: who waits for the watermark finds rows that come late", async (t) => {
  // time   0    5    10   15   20
  // stream      6                   at 5
  // table  1  2                     at 0 and 3, both after it; at 30 the watermark passes 5
  const events = [l(6, 5), r(1, 0), r(2, 3), r(3, 30)];
  t.same(await rowsOf(events, { asOf: "event-time" }, 10), ["6-null"]);
  t.same(await rowsOf(events, { asOf: "event-time", awaitWatermark: true }, 10), ["6-2"]);
});

t.test("table join: a history has an end, by time and by number", async (t) => {
  // time   0    5    10   15   20
  // table  1    2    3         4
  const events = [r(1, 0), r(2, 5), r(3, 10), r(4, 20), r(6, 20), l(7, 4), l(8, 6), l(9, 15)];
  const asOf = "event-time";
  t.same(await rowsOf(events, { asOf }), ["7-1", "8-2", "9-3"]);
  t.same(await rowsOf(events, { asOf, keepMs: 12 }), ["7-null", "8-2", "9-3"], "12 ms before 20");
  t.same(await rowsOf(events, { asOf, versionsMax: 2 }), ["7-null", "8-null", "9-3"]);
});

interface Setting {
  readonly disorder: number;
  readonly keepMs: number;
  readonly awaitWatermark: boolean;
}

/** What comes when the watermark has reached `at`: an event's turn, or the end of a deletion. */
interface Due {
  readonly at: number;
  readonly event: Sample;
}

/** As of event time, from its definition: all rows are looked through for each event. */
class Model {
  readonly found: string[] = [];
  readonly #setting: Setting;
  #rows: Sample[] = [];
  #due: Due[] = [];
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  take(event: Sample): void {
    const { disorder, keepMs, awaitWatermark } = this.#setting;
    if (event.side === "r") this.#change(event);
    else if (awaitWatermark && event.t >= this.#watermark)
      this.#due.push({ at: event.t + 1, event });
    else this.#look(event);
    this.#watermark = Math.max(this.#watermark, event.t - disorder);
    const ready = this.#due.filter(({ at }) => at <= this.#watermark);
    this.#due = this.#due.filter(({ at }) => at > this.#watermark);
    const kind = ({ event }: Due) => (event.side === "r" ? 0 : 1);
    ready.sort((a, b) => a.at - b.at || kind(a) - kind(b));
    for (const { at, event } of ready)
      if (event.side === "r") this.#forget(event.key, at - keepMs);
      else this.#look(event);
  }

  #change(event: Sample): void {
    this.#rows = this.#rows.filter(({ key, t }) => key !== event.key || t !== event.t);
    this.#rows.push(event);
    const { keepMs } = this.#setting;
    if (event.id % 5 === 0) this.#due.push({ at: event.t + keepMs, event });
    this.#forget(event.key, this.#watermark - keepMs);
  }

  #forget(name: string, horizon: number): void {
    const held = this.#newest(name, horizon);
    if (held === undefined) return;
    const deleted = held.id % 5 === 0;
    this.#rows = this.#rows.filter(
      ({ key, t }) => key !== name || t > held.t || (t === held.t && !deleted),
    );
  }

  #newest(name: string, time: number): Sample | undefined {
    return this.#rows
      .filter(({ key, t }) => key === name && t <= time)
      .sort((a, b) => a.t - b.t)
      .at(-1);
  }

  #look({ id, key, t }: Sample): void {
    const row = this.#newest(key, t);
    this.found.push(`${id}-${row === undefined || row.id % 5 === 0 ? null : row.id}`);
  }
}

const settings = fc.record({
  disorder: fc.integer({ min: 0, max: 40 }),
  keepMs: fc.integer({ min: 0, max: 60 }),
  awaitWatermark: fc.boolean(),
});

t.test("table join: finds what its definition says, through crashes too", async () => {
  const property = fc.asyncProperty(
    samples,
    settings,
    disturbances,
    async (events, setting, how) => {
      const { disorder, ...options } = setting;
      const consumer = joiner({ asOf: "event-time", ...options }, disorder);
      const body = given(events).slice(0, -1);
      const end = { topic: "in.r", msg: { id: -1, key: "end", side: "r", t: endTime } as const };
      await using bus = await busOf([...body, end]);
      const plain = await over(bus, consumer);
      const rows = plain.outputs.map(({ msg }) => msg as string).sort();
      const model = new Model(setting);
      for (const event of [...events, end.msg]) model.take(event);
      const expected = model.found.sort();
      if (JSON.stringify(rows) !== JSON.stringify(expected))
        throw new Error(`${rows}\nand not\n${expected}`);
      const { commitEventsMax, crashAt } = how;
      const disturbed = await over(bus, consumer, { limits: { commitEventsMax }, crashAt });
      if (plain.bytes !== disturbed.bytes || plain.sha256 !== disturbed.sha256)
        throw new Error(`${plain.bytes}\nand not\n${disturbed.bytes}`);
    },
  );
  await assertAsyncProperty(property, 33);
});
