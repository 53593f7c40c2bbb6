import type { Test } from "tap";

/** FEDBUS_SEED, or a new seed. */
export function seedOf(t: Test): number {
  const given = process.env.FEDBUS_SEED;
  const seed = given === undefined ? Date.now() & 0x7fff_ffff : Number(given);
  t.comment(`FEDBUS_SEED=${seed}`);
  return seed;
}

/** Random numbers from 0 to below 1, the same for the same seed: see `seedOf`. */
export function seeded(t: Test): () => number {
  let state = seedOf(t);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to below `limit`. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<T>(random: () => number, from: readonly T[]): T {
  return from[below(random, from.length)]!;
}

/** A count from the environment, for longer runs. */
export function loops(name: string, fallback: number): number {
  return Number(process.env[name] ?? fallback);
}

/** How long a test may wait, ms: to find what hangs, and not what is slow on a busy machine. */
export const patienceMs = Number(process.env.FEDBUS_PATIENCE_MS ?? 900_000);
