// Makes numbers of the readings' texts, and drops readings that no sensor can have meant, or that came before.
import { counted, deduplicate, filter, map, pipe, to, transform } from "fedbus/consumers";

export interface Reading {
  readonly room: string;
  /** When it was taken, ms since 1970. */
  readonly at: number;
  readonly celsius: number;
  /** Lux. */
  readonly light: number;
  /** Parts per million. */
  readonly co2: number;
  readonly occupied: boolean;
}

export default transform({
  name: "room-clean",
  version: "1.0",
  topics: ["room.reading"],
  handle: pipe(
    map(({ event, msg }): Reading => {
      const { room, celsius, light, co2, occupied } = msg as Readonly<
        Record<keyof Reading, string>
      >;
      return {
        room,
        at: event.timestamp,
        celsius: Number(celsius),
        light: Number(light),
        co2: Number(co2),
        occupied: occupied === "1",
      };
    }),
    counted(
      "garbled",
      filter(({ msg }) => isPossible(msg as Reading)),
    ),
    counted(
      "twice",
      deduplicate({ by: ({ msg }) => nameOf(msg as Reading), withinMs: 86_400_000 }),
    ),
    to("room.measured"),
  ),
});

function isPossible({ celsius, light, co2 }: Reading): boolean {
  return celsius > -40 && celsius < 60 && light >= 0 && co2 > 100 && co2 < 10_000;
}

function nameOf({ room, at }: Reading): string {
  return `${room} ${at}`;
}
