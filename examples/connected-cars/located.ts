// Puts to each speed the car's latest position of that time, and the cell of the map that it is in.
import { joinTable } from "fedbus/consumers";

export interface Speed {
  readonly car: string;
  readonly at: number;
  readonly kmh: number;
}

interface Position {
  readonly car: string;
  readonly at: number;
  readonly lat: number;
  readonly lon: number;
}

/** Cells are as large as a hundredth of a degree: some hundred metres. */
const cellsPerDegree = 100;

export default joinTable({
  name: "car-located",
  version: "1.0",
  stream: { topics: ["car.speed.clean"], key: ({ msg }) => (msg as Speed).car },
  table: { topics: ["car.position.clean"], key: ({ msg }) => (msg as Position).car },
  asOf: "event-time",
  awaitWatermark: true, // a position may still be on its way
  watermark: { time: ({ msg }) => (msg as Speed | Position).at, outOfOrderMs: 5_000 },
  output(speed, position) {
    const { lat, lon } = position as Position;
    const cell = [lat, lon].map((degrees) => Math.floor(degrees * cellsPerDegree)).join(":");
    return { topic: "car.located", msg: { ...(speed as Speed), lat, lon, cell } };
  },
});
