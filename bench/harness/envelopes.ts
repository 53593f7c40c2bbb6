import type { Outgoing } from "../../bus/index.js";
import { MessageIds } from "../../schemas/index.js";

const ids = new MessageIds();
let last = 0;

/** The event as an envelope like fedbus's own, for peers: text made in the cheapest way known. */
export function envelopeOf({ topic, msg }: Outgoing): string {
  const now = Date.now();
  return `{"topic":"${topic}","msg_id":"${ids.next(now)}","timestamp":${now / 1000},"i":${++last},"msg":${JSON.stringify(msg)}}`;
}
