import type { Bus } from "../../bus/bus.js";

/** Every event of the bus whose body is `{n}`: the offsets of each `n`. */
export async function numbersIn(bus: Bus): Promise<Map<number, number[]>> {
  const numbers = new Map<number, number[]>();
  for await (const event of bus.query()) {
    const { n } = event.msg as { n: number };
    const offsets = numbers.get(n);
    if (offsets === undefined) numbers.set(n, [event.offset]);
    else offsets.push(event.offset);
  }
  return numbers;
}

/** Compares what the bus has with what was acknowledged. */
export function tally(
  stored: ReadonlyMap<number, readonly number[]>,
  acked: ReadonlyMap<number, number>,
): { readonly lost: number; readonly doubled: number; readonly moved: number } {
  let lost = 0;
  let moved = 0;
  for (const [n, offset] of acked)
    if (!stored.has(n)) lost++;
    else if (!stored.get(n)!.includes(offset)) moved++;
  const doubled = [...stored.values()].filter((offsets) => offsets.length > 1).length;
  return { lost, doubled, moved };
}
