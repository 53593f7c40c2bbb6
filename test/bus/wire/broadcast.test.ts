import t from "tap";
import { decodeFrameHeader, keyBytesMax, keyOf, patternsOf } from "../../../bus/wire/broadcast.js";

t.test("broadcast: a key has so many bytes, and not one more", async (t) => {
  const patterns = Array.from({ length: 66 }, (_, n) => `${100 + n}${"t".repeat(242)}`);
  const rest = keyBytesMax - keyOf([...patterns, "z"]).length + 1;
  const most = [...patterns, "z".repeat(rest)];
  t.equal(keyOf(most).length, keyBytesMax);
  t.same(patternsOf(keyOf(most)), most);
  t.throws(() => keyOf([...patterns, "z".repeat(rest + 1)]), { code: "PATTERN_INVALID" });
});

t.test("broadcast: a header tells the time or not", async (t) => {
  const decode = (header: object) => decodeFrameHeader(Buffer.from(JSON.stringify(header)));
  const place = { epoch: 1, prev: 2, next: 3 };
  t.same(decode(place), place);
  t.same(decode({ ...place, at: 4, later: 5 }), { ...place, at: 4 });
  t.throws(() => decode({ ...place, at: "4" }), { code: "PROTOCOL_INVALID" });
  t.throws(() => decode({ epoch: 1, prev: 2 }), { code: "PROTOCOL_INVALID" });
});
