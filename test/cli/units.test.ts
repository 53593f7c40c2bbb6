import t from "tap";
import { parseCount, parseDuration, parseRate, parseSize, parseTime } from "../../cli/units.js";

const wrong = { name: "FedbusError", code: "OPTIONS_INVALID" };

t.test("units: durations have a unit", async (t) => {
  t.equal(parseDuration("--keep-age", "30d"), 30 * 86_400_000);
  t.equal(parseDuration("--keep-age", "1.5h"), 5_400_000);
  t.equal(parseDuration("--keep-age", "90 s"), 90_000);
  for (const text of ["", "30", "d", "-1d", "1 fortnight", "1d1h"])
    t.throws(() => parseDuration("--keep-age", text), wrong, text);
});

t.test("units: sizes are decimal or binary", async (t) => {
  t.equal(parseSize("--keep-bytes", "10GB"), 1e10);
  t.equal(parseSize("--keep-bytes", "1.5KiB"), 1536);
  t.equal(parseSize("--keep-bytes", "700"), 700);
  for (const text of ["", "GB", "10 parsecs", "-5MB"])
    t.throws(() => parseSize("--keep-bytes", text), wrong, text);
});

t.test("units: times are dates, epochs, or a while ago", async (t) => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  t.equal(parseTime("--since", "2026-11-21T11:00:00Z", now), now - 3_600_000);
  t.equal(parseTime("--since", "2026-11-21", now), Date.parse("2026-11-21T00:00"));
  t.equal(parseTime("--since", "1h", now), now - 3_600_000);
  t.equal(parseTime("--since", "1344344053.23", now), 1_344_344_053_230);
  t.equal(parseTime("--since", "1344344053233", now), 1_344_344_053_233);
  t.equal(parseTime("--since", "now", now), now);
  const clock = (time: string): Date => new Date(parseTime("--since", time, now));
  for (const time of ["00:00", "12:00:01", "23:59:59"]) {
    t.equal(clock(time).toTimeString().slice(0, time.length), time, "the time of day here");
    t.ok(clock(time).getTime() <= now && clock(time).getTime() > now - 25 * 3_600_000);
  }
  for (const text of ["", "24:00", "yesterday-ish", "2026-13-41", "12"])
    t.throws(() => parseTime("--since", text, now), wrong, text);
});

t.test("units: counts are whole, rates are positive", async (t) => {
  t.equal(parseCount("--limit", "12", 1), 12);
  for (const text of ["", "0", "-1", "1.5", "1e3", "99999999999999999"])
    t.throws(() => parseCount("--limit", text, 1), wrong, text);
  t.equal(parseRate("--rate", "100/s"), 100);
  t.equal(parseRate("--rate", "30/m"), 0.5);
  for (const text of ["", "0", "0/s", "-1", "5/day"])
    t.throws(() => parseRate("--rate", text), wrong, text);
});

t.test("units: an error names the option, the value and what it takes", async (t) => {
  t.throws(() => parseSize("--keep-bytes", "much"), {
    message: '--keep-bytes cannot be "much"',
    details: { option: "--keep-bytes", value: "much", remedy: /takes a size such as/ },
  });
});
