import fc from "fast-check";

const given = process.env.FEDBUS_SEED;
const seed = given === undefined ? Date.now() & 0x7fff_ffff : Number(given);

/** Runs `property` many times; a failure's message names the seed, which FEDBUS_SEED sets. */
export function assertProperty<Ts>(property: fc.IProperty<Ts>, runs = 300): void {
  process.stdout.write(`# FEDBUS_SEED=${seed}\n`);
  fc.assert(property, { seed, numRuns: runs });
}
