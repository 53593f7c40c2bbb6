// Drops speeds that are none, and what came twice; gives everything its own time to go on with.
import {
  counted,
  deduplicate,
  filter,
  type Item,
  map,
  pipe,
  to,
  transform,
} from "fedbus/consumers";

/** The sensor's largest value is its way to say that it does not know. */
const unknownKmh = 255;

export default transform({
  name: "car-clean",
  version: "1.0",
  topics: ["car.speed", "car.position"],
  handle: pipe(
    counted("twice", deduplicate({ by: nameOf, withinMs: 86_400_000 })),
    map(({ event, msg }) => {
      const { kmh, ...others } = msg as { readonly kmh?: string };
      return { ...others, at: event.timestamp, ...(kmh !== undefined && { kmh: Number(kmh) }) };
    }),
    counted(
      "no speed",
      filter(({ msg }) => isSound(msg as { readonly kmh?: number })),
    ),
    to(({ topic }) => `${topic}.clean`),
  ),
});

function nameOf({ event, msg }: Item): string {
  return `${event.topic} ${(msg as { readonly car: string }).car} ${event.timestamp}`;
}

function isSound({ kmh }: { readonly kmh?: number }): boolean {
  return kmh === undefined || (kmh >= 0 && kmh < unknownKmh);
}
