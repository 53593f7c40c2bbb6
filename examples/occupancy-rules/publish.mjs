// Prints the readings of a room's sensors, about one a minute. Where no real ones are at hand, it makes some up.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { printEvents } from "../input/print-events.mjs";
import { realData } from "../input/real-data.mjs";
import { seededRandom } from "../input/seeded-random.mjs";

// Two files, and half a day between them of which nobody knows anything.
const files = ["datatest.csv", "datatraining.csv"].map((name) => realData("occupancy", name));
const rows = files.includes(undefined) ? madeUp() : files.flatMap((file) => rowsOf(file, "office"));

await printEvents(rows.flatMap(lateOrTwice));

/** The rows have a number at their begin that the header knows nothing of. */
function rowsOf(file, room) {
  const columns = [
    "row",
    "date",
    "Temperature",
    "Humidity",
    "Light",
    "CO2",
    "HumidityRatio",
    "Occupancy",
  ];
  return parse(readFileSync(file), { columns, from_line: 2 }).map((row) => readingOf(room, row));
}

function readingOf(room, { date, Temperature, Light, CO2, Occupancy }) {
  return {
    topic: "room.reading",
    msg: { room, celsius: Temperature, light: Light, co2: CO2, occupied: Occupancy },
    timestamp: Date.parse(`${date.replace(" ", "T")}Z`) / 1000,
  };
}

/** Radio: here and there a reading is lost, comes minutes late or twice, or is garbled. */
function lateOrTwice(row, index) {
  if (index % 151 === 10) return [];
  if (index % 151 === 13) return [row, rows[index - 3]];
  if (index % 400 === 77) return [row, row];
  return index % 700 === 300 ? [{ ...row, msg: { ...row.msg, co2: "-1" } }] : [row];
}

function madeUp() {
  const random = seededRandom(17);
  const start = Date.UTC(2024, 1, 5);
  const co2 = { north: 420, south: 420 };
  return Array.from({ length: 3 * 24 * 60 }, (_, minute) => {
    const hour = (minute / 60) % 24;
    const date = new Date(start + minute * 60_000).toISOString().slice(0, 19);
    return Object.keys(co2).map((room) => {
      const isOccupied = hour > 9 && hour < (room === "north" ? 12 : 17);
      co2[room] = Math.max(420, co2[room] + (isOccupied ? 6 : -9) + random() * 4 - 2);
      const isLit = isOccupied || (hour >= 17 && hour < 18.5);
      const readings = { CO2: co2[room].toFixed(1), Light: isLit ? "450" : "0" };
      return readingOf(room, {
        date,
        ...readings,
        Temperature: "21.5",
        Occupancy: isOccupied ? "1" : "0",
      });
    });
  }).flat();
}
