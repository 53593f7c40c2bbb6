import t from "tap";
import { keyBytesMax, keyOf, patternsOf } from "../../../bus/wire/broadcast.js";

t.test("broadcast: a key has so many bytes, and not one more", async (t) => {
  const patterns = Array.from({ length: 66 }, (_, n) => `${100 + n}${"t".repeat(242)}`);
  const rest = keyBytesMax - keyOf([...patterns, "z"]).length + 1;
  const most = [...patterns, "z".repeat(rest)];
  t.equal(keyOf(most).length, keyBytesMax);
  t.same(patternsOf(keyOf(most)), most);
  t.throws(() => keyOf([...patterns, "z".repeat(rest + 1)]), { code: "PATTERN_INVALID" });
});
