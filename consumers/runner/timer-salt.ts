import type { DueTimer } from "./alarm-clock.js";

/** Sets the random numbers of timers apart from those of events. */
const timerSalt = 0x7157;

/** What random numbers are salted with while that timer is handled. */
export function saltOf({ clock, group, key }: DueTimer): number {
  let hash = timerSalt ^ (group * 2 + (clock === "log" ? 1 : 0));
  for (let index = 0; index < key.length; index++)
    hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
  return hash;
}
