import { Readable } from "node:stream";
import t from "tap";
import { BodyEnvelopes } from "../../cli/input/body-envelopes.js";
import { type InputLine, readLines } from "../../cli/input/lines.js";
import { reasonsMax, Tally } from "../../cli/input/tally.js";
import { createColours } from "../../cli/render/colours.js";
import { renderTally } from "../../cli/render/tally.js";
import { Pace, parseSpeed } from "../../cli/replay/pace.js";
import { nearest } from "../../schemas/nearest.js";

async function linesOf(...chunks: string[]): Promise<(readonly [number, string])[]> {
  const lines: InputLine[] = [];
  for await (const batch of readLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk)))))
    lines.push(...batch);
  return lines.map(({ number, bytes }) => [number, bytes.toString()] as const);
}

t.test("lines: numbers count blank lines, which are left out", async (t) => {
  t.same(await linesOf("a\n\n b\r\n\t\nc"), [
    [1, "a"],
    [3, " b"],
    [5, "c"],
  ]);
});

t.test("lines: a line may come in any number of pieces", async (t) => {
  t.same(await linesOf("ab", "c", "\nd", "\n", "e", "f\n"), [
    [1, "abc"],
    [2, "d"],
    [3, "ef"],
  ]);
  t.same(await linesOf(), []);
});

t.test("body envelopes: the body's text stays as written", async (t) => {
  const envelope = new BodyEnvelopes("1.2.3").write("a.b", Buffer.from(`{ "n": 1.0 }`)).toString();
  t.match(envelope, /"msg":\{ "n": 1\.0 \}\}$/);
  t.match(JSON.parse(envelope), { topic: "a.b", i: 1, source_version: "1.2.3", msg: { n: 1 } });
  for (const body of ["", "{", `1,"headers":{}`, "undefined"])
    t.throws(() => new BodyEnvelopes("1").write("a.b", Buffer.from(body)), {
      code: "JSON_INVALID",
    });
});

t.test(
  "pace: events are due as far apart as they were recorded, divided by the speed",
  async (t) => {
    let now = 100;
    const pace = new Pace(10, () => now);
    t.equal(pace.waitMs(5_000), 0);
    t.equal(pace.waitMs(6_000), 100);
    now += 130;
    t.equal(pace.waitMs(6_000), -30);
    t.equal(new Pace(parseSpeed("max"), () => now).waitMs(1), 0);
  },
);

t.test("pace: speeds are original, max or a factor", async (t) => {
  t.same(["original", "max", "2.5", "10x"].map(parseSpeed), [1, Infinity, 2.5, 10]);
  for (const text of ["", "0", "fast", "-1"])
    t.throws(() => parseSpeed(text), { code: "OPTIONS_INVALID" }, text);
});

t.test("nearest: only what is near is suggested", async (t) => {
  t.equal(nearest("form", ["from", "to", "where"]), "from");
  t.equal(nearest("limt", ["limit", "since"]), "limit");
  t.equal(nearest("banana", ["from", "to"]), undefined);
});

t.test("tally: reasons are told apart by code and message, up to a limit", async (t) => {
  const tally = new Tally();
  const refuse = (n: number) =>
    tally.refuse({ code: "SCHEMA_VIOLATION", message: `must be ${n}` }, n);
  for (let n = 1; n <= reasonsMax; n++) refuse(n);
  t.equal(tally.reasons.length, reasonsMax);
  t.match(tally.reasons[0], { message: "must be 1", count: 1, lines: [1] });
  for (let n = 0; n < 4; n++) refuse(1_000 + n);
  t.equal(tally.reasons.length, reasonsMax + 1);
  t.match(tally.reasons[0], { message: /other reasons/, count: 4 });
  const text = renderTally(tally, { colours: createColours(false), seconds: 1 });
  t.match(text, /^0 accepted, 24 refused\n {2}SCHEMA_VIOLATION 4 times, at line 1000, /);
  t.match(text, /SCHEMA_VIOLATION once, at line 20: must be 20\n/);
});
