import fc from "fast-check";
import t from "tap";
import { EventGate, type GateResult } from "../../schemas/gate.js";
import { SchemaRegistry } from "../../schemas/registry.js";
import { blockOf } from "./block-of.js";
import { judge } from "./judge.js";
import { assertProperty } from "./property.js";

const good = '{"topic":"a.b","msg":[1,2]}';

function newGate(): EventGate {
  const registry = new SchemaRegistry();
  registry.register({ name: "n", version: 1, topics: ["n.*"], schema: { type: "number" } });
  return new EventGate({ registry });
}

/** What the hub would store: the block as it came, or the accepted slices joined again. */
function stored(payload: Buffer, ends: Uint32Array, { refused }: GateResult): unknown[] {
  if (refused.length === 0) return JSON.parse(payload.toString()) as unknown[];
  const out = new Set(refused.map((refusal) => refusal.index));
  const kept = [...ends.keys()].filter((index) => !out.has(index));
  const slices = kept.map((index) =>
    payload.subarray(index === 0 ? 1 : ends[index - 1]! + 1, ends[index]),
  );
  return JSON.parse(`[${slices.join(",")}]`) as unknown[];
}

t.test("gate: survives nesting of a million in a block's worth of bytes", async (t) => {
  const { payload, ends } = blockOf([good, "[".repeat(1_000_000), good]);
  const gate = new EventGate({
    registry: new SchemaRegistry(),
    limits: { eventBytesMax: 2_000_000 },
  });
  t.match(gate.check(payload, ends).refused, [{ index: 1, code: "JSON_TOO_DEEP" }]);
});

t.test("gate: refuses slices that ends cut in the wrong places", async (t) => {
  const whole = blockOf([good, good, good]);
  const moved = whole.ends.slice();
  moved[0] = moved[0]! - 3;
  const result = judge(newGate(), { payload: whole.payload, ends: moved });
  t.match(result.refused, [
    { index: 0, code: "JSON_INVALID" },
    { index: 1, code: "JSON_INVALID" },
  ]);
  t.equal(result.envelopes.length, 1);
});

t.test("gate: refuses ends that hide one event in another", async (t) => {
  const inner = '{"topic":"fedbus.x","msg":1}';
  const { payload } = blockOf([`{"topic":"a","msg":[${inner},${inner}]}`]);
  const start = payload.indexOf(inner);
  const comma = start + inner.length;
  const ends = Uint32Array.of(comma, payload.length - 1);
  t.equal(judge(newGate(), { payload, ends }).envelopes.length, 0);
});

t.test("gate: refuses events between the wrong separators", async (t) => {
  const { payload, ends } = blockOf([good, good, good]);
  const without = (at: number, byte: string) => {
    const bytes = Buffer.from(payload);
    bytes.write(byte, at);
    return newGate().check(bytes, ends).refused;
  };
  t.match(without(0, " "), [{ index: 0, code: "JSON_INVALID" }]);
  t.match(without(ends[0]!, " "), [{ index: 0, code: "JSON_INVALID" }]);
  t.match(without(ends[2]!, ","), [{ index: 2, code: "JSON_INVALID" }]);
  const longer = Buffer.concat([payload, Buffer.from("]")]);
  t.match(newGate().check(longer, ends).refused, [{ index: 2, code: "JSON_INVALID" }]);
});

const pieces = fc.constantFrom(
  good,
  '{"topic":"n.a","msg":1}',
  '{"topic":"n.a","msg":"x"}',
  '{"topic":"a","msg":"\\"[,:{"}',
  '{"topic":"a","msg":{"k":1,"k":2}}',
  '{"topic":"a","msg":{"__proto__":1}}',
  '{"topic":"a","msg":1e300}',
  '{"topic":"a","msg":9007199254740993}',
  '{"topic":"é","msg":1}',
  '{"topic":"a","msg":"é€😀"}',
  '{"topic":"a","msg":{"a:b":[{}, {"x" : []}]}}',
  '{"topic":"a"}',
  "1",
  "[]",
  "{",
  '"',
  "",
);

t.test("gate: judges an event in company as it judges it alone", async () => {
  const gate = newGate();
  const alone = (event: string) => {
    const { payload, ends } = blockOf([event]);
    return gate.check(payload, ends).refused[0];
  };
  assertProperty(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 6 }), (events) => {
      const { payload, ends } = blockOf(events);
      const result = judge(gate, { payload, ends });
      const expected = events.flatMap((event, index) => {
        const refusal = alone(event);
        return refusal === undefined ? [] : [{ ...refusal, index }];
      });
      // A refusal that came of a separator names the end, which depends on the company.
      const codes = (list: readonly { index: number; code: string }[]) =>
        list.map(({ index, code }) => `${index} ${code}`).join();
      const same = codes(result.refused) === codes(expected);
      const kept = stored(payload, ends, result);
      return same && JSON.stringify(kept) === JSON.stringify(result.envelopes);
    }),
    1_000,
  );
});

t.test("gate: stores only what it judged, whatever the bytes and ends", async () => {
  const gate = newGate();
  const change = fc.tuple(fc.nat(), fc.constantFrom(...'",:[]{} \\a'));
  assertProperty(
    fc.property(
      fc.array(pieces, { minLength: 1, maxLength: 4 }),
      fc.array(change, { maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: -4, max: 4 })), { maxLength: 2 }),
      (events, changes, moves) => {
        const { payload, ends } = blockOf(events);
        for (const [at, byte] of changes) payload.write(byte, at % payload.length);
        for (const [at, by] of moves) ends[at % ends.length]! += by;
        const result = judge(gate, { payload, ends });
        const kept = stored(payload, ends, result);
        return JSON.stringify(kept) === JSON.stringify(result.envelopes);
      },
    ),
    2_000,
  );
});
