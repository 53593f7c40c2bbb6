// Prints what three cars tell while they drive: their speed each second, and their position every fifth. Speeds are those
// of real drives where they are at hand, positions are always made up: the cars follow a road as fast as they go.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { printEvents } from "../input/print-events.mjs";
import { realData } from "../input/real-data.mjs";
import { seededRandom } from "../input/seeded-random.mjs";

const start = Date.UTC(2026, 2, 2, 8) / 1000;
const secondsMax = 1_500;
const drives = ["drive9.csv", "drive11.csv", "drive3.csv"].map((name, car) => {
  const file = realData("carobd", name);
  // The real drives begin in a town, where nobody is fast.
  return file === undefined ? madeUp(car) : speedsIn(file).slice(1_200, 1_200 + secondsMax);
});

await printEvents([...assignments(), ...telemetry().flatMap(disturbed)]);

/** Who drives which car, and from when on. The first car changes hands. */
function assignments() {
  const assigned = [
    ["car-1", "ada", 0],
    ["car-2", "grace", 0],
    ["car-3", "linus", 0],
    ["car-1", "linus", 600],
  ];
  return assigned.map(([car, driver, after]) => {
    return { topic: "fleet.driver", msg: { car, driver }, timestamp: start + after };
  });
}

function telemetry() {
  const metres = drives.map(() => 0);
  return Array.from({ length: secondsMax }, (_, second) => {
    const timestamp = start + second;
    return drives.flatMap((speeds, index) => {
      const kmh = speeds[second];
      if (kmh === undefined) return [];
      metres[index] += Number(kmh) / 3.6;
      const car = `car-${index + 1}`;
      const speed = { topic: "car.speed", msg: { car, kmh }, timestamp };
      if (second % 5 !== 0) return [speed];
      return [{ topic: "car.position", msg: { car, ...placeAt(metres[index]) }, timestamp }, speed];
    });
  }).flat();
}

/** All take the same ring road around Brno, 20 km long. */
function placeAt(metres) {
  const angle = (metres / 20_000) * 2 * Math.PI;
  return { lat: 49.2 + 0.028 * Math.sin(angle), lon: 16.6 + 0.044 * Math.cos(angle) };
}

/** The air between: some events are lost, come three seconds late, or twice; and some speeds are the sensor's error code. */
function disturbed(event, index, all) {
  if (index % 211 === 20) return [];
  if (index % 211 === 29) return [event, all[index - 9]];
  if (index % 500 === 111) return [event, event];
  const isBroken = index % 300 === 7 && event.topic === "car.speed";
  return [isBroken ? { ...event, msg: { ...event.msg, kmh: "255" } } : event];
}

function speedsIn(file) {
  const speed = "VEHICLE_SPEED ()";
  const options = { columns: true, trim: true, relax_column_count: true };
  return parse(readFileSync(file), options).map((row) => row[speed]);
}

function madeUp(car) {
  const random = seededRandom(car + 1);
  let kmh = 0;
  return Array.from({ length: 900 }, (_, second) => {
    const wanted = Math.floor(second / 60) % 4 === 3 ? 75 : 45;
    kmh += Math.max(-3, Math.min(2, wanted - kmh)) + random() - 0.5;
    return Math.max(0, kmh).toFixed(1);
  });
}
