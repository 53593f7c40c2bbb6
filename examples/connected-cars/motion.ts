// Puts to each reading how much faster the car has become in the last five seconds.
import { consumer } from "fedbus/consumers";
import type { Driven } from "./speeding.js";

export interface Motion {
  readonly car: string;
  readonly at: number;
  readonly kmh: number;
  readonly driver: string;
  /** Since five seconds ago; absent where that is not known. */
  readonly gained?: number;
}

type Reading = readonly [at: number, kmh: number];

const backMs = 5_000;

export default consumer({
  name: "car-motion",
  version: "1.0",
  topics: ["car.driven"],
  key: ({ msg }) => (msg as Driven).car,
  handle({ msg }, { state, emit }) {
    const { car, at, kmh, driver } = msg as Driven;
    const readings = ((state.get(car) as readonly Reading[]) ?? []).filter(
      ([then]) => then >= at - backMs,
    );
    const before = readings.find(([then]) => then === at - backMs)?.[1];
    state.put(car, [...readings, [at, kmh]]);
    const gained = before === undefined ? {} : { gained: kmh - before };
    emit("car.motion", { car, at, kmh, driver, ...gained } satisfies Motion, { key: car });
  },
});
