import t from "tap";
import { escapeJson, escapeLines, escapeText } from "../../cli/render/escape.js";

/** Every code unit that is not shown as it is, by ranges. */
const unsafeRanges = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
] as const;

t.test("escape: exactly the unsafe code units are escaped", async (t) => {
  const wrong: string[] = [];
  for (let unit = 0; unit <= 0xffff; unit++) {
    const unsafe = unsafeRanges.some(([first, last]) => unit >= first && unit <= last);
    const text = String.fromCharCode(unit);
    const expected = unsafe ? `\\u${unit.toString(16).padStart(4, "0")}` : text;
    if (escapeText(text) !== expected) wrong.push(expected);
  }
  t.same(wrong, []);
});

t.test("escape: pairs of surrogates stay, halves do not", async (t) => {
  t.equal(escapeText("a😀b"), "a😀b");
  t.equal(escapeText("\ud83dx\ude00"), "\\ud83dx\\ude00");
});

t.test("escape: JSON keeps its meaning on one line", async (t) => {
  const value = { "k\u009b": "\u202e\u007f\u2028 é", list: [1, "\n"] };
  const text = escapeJson(JSON.stringify(value, undefined, 2));
  t.notMatch(text, /[\n\u007f-\u009f\u202e\u2028]/);
  t.same(JSON.parse(text), value);
});

t.test("escape: line breaks stay where lines are wanted", async (t) => {
  t.equal(escapeLines("a\nb\rc"), "a\nb\\u000dc");
});
