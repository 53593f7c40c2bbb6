import fc from "fast-check";
import t from "tap";
import { OutputIds } from "../../../consumers/runner/output-id.js";
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
      const parts = [
        /^\d{4}-[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id),
        Number(id.slice(0, 4)) === new Date(time).getUTCFullYear(),
        bits(id, 0, 48) === time,
        bits(id, 52, 12) === index % 2 ** 12,
        bits(id, 66, 10) === Math.floor(index / 2 ** 12),
        bits(id, 76, 6) === group,
        bits(id, 82, 34) === offset % 2 ** 34,
        bits(id, 116, 12) === bits(ids.idOf(0, 0, 0, 0), 116, 12),
      ];
      return parts.every(Boolean);
    }),
  );
});

t.test("output ids: differ between consumers", async (t) => {
  const idOf = (consumer: string) => new OutputIds(consumer).idOf(1e12, 7, 0, 0);
  t.equal(idOf("counter"), idOf("counter"));
  t.not(idOf("counter"), idOf("totals"));
});
