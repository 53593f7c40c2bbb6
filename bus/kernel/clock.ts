/** Wall-clock time in milliseconds since 1970. Timeouts never use it: they use monotonic timers. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
