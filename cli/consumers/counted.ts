import type { ConsumerStatus, OpenLetters } from "../../consumers/index.js";
import type { CountedStatus } from "./render-status.js";

/** The same, with how many dead letters of each nobody has dealt with. */
export async function counted(
  statuses: readonly ConsumerStatus[],
  letters: OpenLetters,
): Promise<CountedStatus[]> {
  const counts = await letters.count();
  return statuses.map((status) => ({ ...status, openDeadLetters: counts.get(status.name) ?? 0 }));
}
