import fc from "fast-check";

const given = process.env.FEDBUS_SEED;

/** Of random tests: FEDBUS_SEED, or a new one. */
export const propertySeed = given === undefined ? Date.now() & 0x7fff_ffff : Number(given);

/** Runs `property` many times; a failure's message names the seed, which FEDBUS_SEED sets. */
export function assertProperty<Ts>(property: fc.IProperty<Ts>, runs = 300): void {
  process.stdout.write(`# FEDBUS_SEED=${propertySeed}\n`);
  fc.assert(property, { seed: propertySeed, numRuns: runs });
}
