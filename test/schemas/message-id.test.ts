import t from "tap";
import { MessageIds } from "../../schemas/message-id.js";

const shape = /^(\d{4})-([\da-f]{8})-([\da-f]{4})-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

t.test("message ids: are a year and a UUID of version 7", async (t) => {
  const now = Date.UTC(2025, 10, 21, 14, 20, 29, 123);
  const id = new MessageIds({ clock: () => now }).next();
  const match = shape.exec(id);
  t.equal(id.length, 41);
  t.equal(match?.[1], "2025");
  t.equal(Number.parseInt(`${match?.[2]}${match?.[3]}`, 16), now);
});

t.test("message ids: are the same for the same clock and chance", async (t) => {
  const make = () =>
    new MessageIds({ clock: () => 1e12, random: (bytes) => new Uint8Array(bytes).fill(7) });
  const [a, b] = [make(), make()];
  t.same([a.next(), a.next()], [b.next(), b.next()]);
});

t.test("message ids: only ever increase, though the clock steps back", async (t) => {
  let now = Date.UTC(2025, 0, 1);
  const ids = new MessageIds({ clock: () => now });
  let previous = "";
  let count = 0;
  for (let index = 0; index < 20_000; index++) {
    if (index % 1_000 === 999) now += index % 2_000 === 999 ? -86_400_000 : 5;
    const id = ids.next();
    if (shape.test(id) && id > previous) count++;
    previous = id;
  }
  t.equal(count, 20_000);
});

t.test("message ids: stay apart within one millisecond", async (t) => {
  const full = (bytes: number) => new Uint8Array(bytes).fill(0xff);
  const ids = new MessageIds({ clock: () => 1e12, random: full });
  const all = Array.from({ length: 50_000 }, () => ids.next());
  t.equal(new Set(all).size, all.length);
  t.same([...all].sort(), all);
});
