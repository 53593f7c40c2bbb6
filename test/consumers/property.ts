import fc from "fast-check";

const given = process.env.FEDBUS_SEED;
const factor = Number(process.env.FEDBUS_PROPERTY_FACTOR ?? 1);
const seed = given === undefined ? Date.now() & 0x7fff_ffff : Number(given);

/**
 * Runs `property` `runs` times, or FEDBUS_PROPERTY_FACTOR times that; a failure's message names the
 * seed, which FEDBUS_SEED sets.
 */
export async function assertAsyncProperty<Ts>(
  property: fc.IAsyncProperty<Ts>,
  runs: number,
): Promise<void> {
  process.stdout.write(`# FEDBUS_SEED=${seed}\n`);
  await fc.assert(property, { seed, numRuns: runs * factor });
}

/** Sizes of commits, and steps at which the runner is ended: what must not change an output. */
export const disturbances = fc.record({
  commitEventsMax: fc.integer({ min: 1, max: 10 }),
  crashAt: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
});
