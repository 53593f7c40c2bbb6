import type { JavaRandom } from "./java-random.js";
import type { NexmarkOptions } from "./options.js";
import type { RandomText } from "./random-text.js";

/** What records are drawn from. `random` has been seeded with the event's id; `text` draws from it. */
export interface Source {
  readonly random: JavaRandom;
  readonly text: RandomText;
  readonly options: NexmarkOptions;
}
