import t from "tap";
import {
  Generator,
  type NexmarkEvent,
  nexmark,
} from "../../../bench/nexmark/generator/generator.js";
import { defaults } from "../../../bench/nexmark/generator/options.js";
import { Timeline } from "../../../bench/nexmark/generator/timeline.js";

const base = Date.UTC(2015, 6, 15);
const text = (event: NexmarkEvent) => JSON.stringify(event);

/** How many events of each kind there are. */
function tally(events: Iterable<NexmarkEvent>): Record<string, number> {
  const counts = { person: 0, auction: 0, bid: 0 };
  for (const { kind } of events) counts[kind]++;
  return counts;
}

t.test("nexmark: the first events are those of Apache Beam", async (t) => {
  const events = [...nexmark({ numEvents: 5, numEventGenerators: 1, eventRate: 1_000 })];
  const auction = (id: number, at: number) => ({ id, seller: 1000, dateTime: base + at });
  t.match(events, [
    { kind: "person", record: { id: 1000, state: "WY", dateTime: base } },
    {
      kind: "auction",
      record: {
        ...auction(1000, 1),
        category: 13,
        initialBid: 28_873,
        reserve: 29_448,
        expires: base + 2_752,
      },
    },
    {
      kind: "auction",
      record: { ...auction(1001, 2), category: 12, initialBid: 25_626_290, reserve: 28_805_847 },
    },
    {
      kind: "auction",
      record: { ...auction(1002, 3), category: 10, initialBid: 267, reserve: 422_398 },
    },
    {
      kind: "bid",
      record: { auction: 1000, bidder: 1001, price: 32_530_001, dateTime: base + 4 },
    },
  ]);
});

t.test("nexmark: records have the documented fields and sizes", async (t) => {
  const [person, auction, , , bid] = nexmark({ numEvents: 5, numEventGenerators: 1 });
  t.same(
    Object.keys(person!.record),
    "id name emailAddress creditCard city state dateTime extra".split(" "),
  );
  t.same(
    Object.keys(auction!.record),
    "id itemName description initialBid reserve dateTime expires seller category extra".split(" "),
  );
  t.same(Object.keys(bid!.record), "auction bidder price dateTime extra".split(" "));
  const sizes = { person: 0, auction: 0, bid: 0 };
  const fixed = { person: 8, auction: 48, bid: 32 };
  const all = [...nexmark({ numEvents: 20_000 })];
  for (const { kind, record } of all) {
    const texts = Object.values(record).filter((value) => typeof value === "string");
    sizes[kind] += fixed[kind] + texts.join("").length;
  }
  const counts = tally(all);
  const average = (kind: "person" | "auction" | "bid") => sizes[kind] / counts[kind]!;
  t.ok(Math.abs(average("person") - 200) < 10, `a person has ${average("person")} bytes`);
  t.ok(Math.abs(average("auction") - 500) < 10, `an auction has ${average("auction")} bytes`);
  t.ok(Math.abs(average("bid") - 100) < 2, `a bid has ${average("bid")} bytes`);
});

t.test("nexmark: of 50 events one is a person, three are auctions, the rest bids", async (t) => {
  t.same(tally(nexmark()), { person: 2_000, auction: 6_000, bid: 92_000 });
  const kinds = [...new Generator({ numEvents: 50 })].map(({ kind }) => kind);
  t.same(kinds, ["person", ...Array(3).fill("auction"), ...Array(46).fill("bid")]);
});

t.test("nexmark: a split gives every generator ids of its own, and loses no event", async (t) => {
  const parts = new Generator({ numEvents: 1_030, numEventGenerators: 4 }).split(4);
  const events = parts.map((part) => [...part]);
  t.same(
    events.map((part) => part.length),
    [257, 257, 257, 259],
  );
  const whole = [...new Generator({ numEvents: 1_030, numEventGenerators: 4 })];
  const ids = (part: readonly NexmarkEvent[]) =>
    part.flatMap(({ kind, record }) => (kind === "bid" ? [] : [`${kind} ${record.id}`]));
  t.same(events.flatMap(ids), ids(whole));
  t.same(
    events.map((part) => part[0]!.record.dateTime),
    [base, base, base, base],
  );
});

t.test("nexmark: the whole stream is in the order of time", async (t) => {
  let last = 0;
  let count = 0;
  for (const { record } of nexmark({ numEvents: 10_050, numEventGenerators: 100 })) {
    if (record.dateTime < last) t.fail(`event ${count} is ${last - record.dateTime} ms too late`);
    last = record.dateTime;
    count++;
  }
  t.equal(count, 10_050);
});

t.test("nexmark: shuffled groups hold the same events, none before the watermark", async (t) => {
  const options = { numEvents: 2_000, numEventGenerators: 1 };
  const ordered = [...new Generator(options)].map(text);
  for (const outOfOrderGroupSize of [3, 50, 333]) {
    const generator = new Generator({ ...options, outOfOrderGroupSize });
    const shuffled: string[] = [];
    let late = 0;
    for (;;) {
      const { watermark } = generator;
      const event = generator.next();
      if (event === undefined) break;
      if (event.record.dateTime < watermark) late++;
      shuffled.push(text(event));
    }
    // The last group is cut off by the end of the stream.
    const whole = Math.floor(2_000 / outOfOrderGroupSize) * outOfOrderGroupSize;
    t.equal(late, 0);
    t.ok(shuffled.join() !== ordered.join(), `groups of ${outOfOrderGroupSize} are shuffled`);
    t.same(shuffled.slice(0, whole).sort(), ordered.slice(0, whole).sort());
  }
});

t.test("nexmark: the same options give the same stream, others another", async (t) => {
  const stream = (options: object) => [...nexmark({ numEvents: 500, ...options })].map(text).join();
  const numEvents = 500;
  t.ok(stream({}) === stream({ ...defaults, numEvents }), "no options are the defaults");
  const others = [{ firstEventId: 50 }, { baseTime: 0 }, { firstEventNumber: 1 }, { eventRate: 9 }];
  for (const other of others) t.ok(stream(other) !== stream({}), JSON.stringify(other));
});

t.test("nexmark: the delay between events is whole microseconds, or a fraction", async (t) => {
  const fast = { ...defaults, numEventGenerators: 1, eventRate: 3_000_000, baseTime: 0 };
  t.equal(new Timeline(fast).at(30_000_000), 0, "0.33 us are none");
  t.equal(new Timeline({ ...fast, interEventDelay: "double" }).at(30_000_000), 10_000);
  const slow = { ...fast, eventRate: 3, numEventGenerators: 2 };
  t.equal(new Timeline(slow).at(3), 1_999);
  t.equal(new Timeline({ ...slow, interEventDelay: "double" }).at(3), 2_000);
});

t.test("nexmark: names everything that is wrong with its options", async (t) => {
  const wrong = { numEvents: -1, eventRate: 0, interEventDelay: "long", speed: 3 };
  t.throws(() => new Generator(wrong as object), {
    code: "OPTIONS_INVALID",
    details: {
      problems: [
        "numEvents must be a whole number, 0 or more",
        "speed is not an option",
        "eventRate must be 1 or more",
        "interEventDelay must be integer or double",
      ],
    },
  });
});
