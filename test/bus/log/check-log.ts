import { readFileSync } from "node:fs";
import type { EventLog } from "../../../bus/log/event-log.js";
import { verify } from "../../../bus/log/verify.js";

/** The greatest head that the oracle file says was acknowledged or shown; 0 if nothing was. */
export function ackedHead(oracle: string): number {
  try {
    // The last line may be cut off.
    const lines = readFileSync(oracle, "utf8").split("\n").slice(0, -1);
    return lines.reduce((most, line) => Math.max(most, Number(line)), 0);
  } catch {
    return 0;
  }
}

/** What is wrong with a log that `append-forever` wrote; empty if nothing is. */
export async function faultsOf(log: EventLog, acked: number): Promise<string[]> {
  const faults: string[] = [];
  if (log.head < acked) faults.push(`acknowledged up to ${acked}, but the head is ${log.head}`);
  const { damaged } = await verify(log);
  if (damaged.length > 0) faults.push(`damaged: ${JSON.stringify(damaged)}`);
  let next = 0;
  while (next < log.head) {
    const page = await log.read({ from: next });
    for (const block of page.blocks)
      for (const [index, event] of block.parse().entries())
        if ((event as { msg: { n: number } }).msg.n !== block.offsetOf(index))
          faults.push(`offset ${block.offsetOf(index)} holds another event`);
    next = page.next;
  }
  const producer = await log.producer("p");
  if ((producer?.nextSeq ?? 0) !== log.head)
    faults.push(`the producer is at ${producer?.nextSeq}, the head at ${log.head}`);
  let counted = 0;
  for (const { count } of await log.topics()) counted += count;
  if (counted !== log.head) faults.push(`topics have ${counted} events, the log ${log.head}`);
  return faults;
}
