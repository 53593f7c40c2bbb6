import fc from "fast-check";
import t from "tap";
import { OutputIds } from "../../../consumers/index.js";
import { assertProperty } from "../../schemas/property.js";

/** The bits of the UUID `<year>-<uuid>`, from `from` on, `count` of them; bit 0 comes first. */
function bits(id: string, from: number, count: number): number {
  const uuid = BigInt(`0x${id.slice(id.indexOf("-") + 1).replaceAll("-", "")}`);
  return Number((uuid >> BigInt(128 - from - count)) & ((1n << BigInt(count)) - 1n));
}

t.test("output ids: are UUIDs of version 8, made of what caused the output", async () => {
  const place = fc.record({
    time: fc.integer({ min: 0, max: 2 ** 42 }),
    offset: fc.nat({ max: 2 ** 48 }),
    group: fc.integer({ min: 0, max: 63 }),
    index: fc.integer({ min: 0, max: 2 ** 22 - 1 }),
  });
  const ids = new OutputIds("counter");
  assertProperty(
    fc.property(place, ({ time, offset, group, index }) => {
      const id = ids.idOf(time, offset, group, index);
      const plain = ids.idOf(time, 0, group, 0);
      const differs = (from: number, count: number): number =>
        Number(BigInt(bits(id, from, count)) ^ BigInt(bits(plain, from, count)));
      const parts = [
        /^\d{4}-[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id),
        Number(id.slice(0, 4)) === new Date(time).getUTCFullYear(),
        bits(id, 0, 48) === time,
        bits(id, 52, 12) === index % 2 ** 12,
        differs(66, 10) === Math.floor(index / 2 ** 12),
        differs(80, 36) === offset % 2 ** 36,
        differs(116, 12) === 0,
        ids.groupOf(id, time, offset, index) === group,
      ];
      return parts.every(Boolean);
    }),
  );
  t.equal(ids.groupOf("something else", 5, 7, 3), undefined);
});

t.test("output ids: no two consumers, groups, offsets or indexes give the same", async (t) => {
  const ids = new Set<string>();
  let count = 0;
  const add = (id: string): void => {
    ids.add(id);
    count++;
  };
  // With 12 bits for the name, some of so many consumers would meet.
  for (let consumer = 0; consumer < 500; consumer++)
    add(new OutputIds(`c${consumer}`).idOf(1_700_000_000_000, 4711, 0, 0));
  const one = new OutputIds("one");
  for (let group = 0; group < 128; group++)
    for (const offset of [0, 1, 2 ** 12, 2 ** 24, 2 ** 33])
      for (const index of [0, 1, 4_095, 4_096, 100_000])
        add(one.idOf(1_700_000_000_000, offset, group, index));
  t.equal(ids.size, count);
});
