// A machine's temperature every five minutes: of a real one over eleven weeks where it is at hand, else made up.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { realData } from "../input/real-data.mjs";
import { seededRandom } from "../input/seeded-random.mjs";

const name = "realKnownCause/machine_temperature_system_failure.csv";
const minuteMs = 60_000;

/** The readings in the order of their times, and the spans in which something was wrong, as people have said since. */
export function machine() {
  const file = realData("nab", name);
  return file === undefined ? madeUp() : inFile(file);
}

function inFile(file) {
  const labels = JSON.parse(readFileSync(realData("nab", "labels", "combined_windows.json")));
  return {
    readings: parse(readFileSync(file), { columns: true }).map(({ timestamp, value }) =>
      readingAt(timeOf(timestamp), Number(value)),
    ),
    troubles: labels[name].map(([from, to]) => ({ from: timeOf(from), to: timeOf(to) })),
  };
}

/** The file names no time zone; any will do. */
function timeOf(text) {
  return Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`);
}

function readingAt(at, celsius) {
  return {
    topic: "machine.reading",
    msg: { sensor: "temperature", celsius },
    timestamp: at / 1000,
  };
}

/** Three weeks of days and nights; on the last but one day the cooling fails for some hours. */
function madeUp() {
  const random = seededRandom(9);
  const start = Date.UTC(2026, 1, 2);
  const trouble = { from: start + 19 * 1440 * minuteMs, to: start + 20 * 1440 * minuteMs };
  let drift = 0;
  const readings = Array.from({ length: 21 * 288 }, (_, index) => {
    const at = start + index * 5 * minuteMs;
    drift = 0.98 * drift + random() - 0.5;
    const day = 8 * Math.sin((index / 288) * 2 * Math.PI);
    const isWrong = at >= trouble.from && at < trouble.from + 6 * 60 * minuteMs;
    return readingAt(at, Number((80 + day + drift + (isWrong ? 25 : 0)).toFixed(3)));
  });
  return { readings, troubles: [trouble] };
}
