import { type Sought, UnseenPaths, type UnseenState } from "./unseen-paths.js";

/** Many events: features may be rare. */
const toldAt = 100;

const words = {
  what: "have nothing where a feature is looked for",
  effect: "it is always missing; is the path right?",
};

/** Watches for features that are in no event: each is told after 100 events, if it was in none of them. */
export function unseenFeatures(sought: readonly Sought[], state?: UnseenState): UnseenPaths {
  return new UnseenPaths({ sought, toldAt, words }, state);
}
