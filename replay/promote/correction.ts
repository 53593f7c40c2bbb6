import { createHash } from "node:crypto";
import { correctsHeader } from "../../consumers/runner/own-output.js";
import type { Envelope } from "../../schemas/index.js";
import type { LoggedOutput } from "../outputs/logged-outputs.js";
import { type Output, retractedTopic } from "../outputs/output.js";

/** Who publishes corrections. */
export interface Corrector {
  readonly consumer: string;
  readonly version: string;
  /** The generation that the promotion makes. */
  readonly generation: number;
}

/** A new output that takes the place of `old`, or of none where others of that cause are. */
export function corrected(
  by: Corrector,
  { envelope }: Output,
  old: LoggedOutput | undefined,
): Envelope {
  const { headers } = envelope;
  return {
    ...envelope,
    msg_id: correctionId(by, envelope),
    headers: { ...(old !== undefined && { [correctsHeader]: old.offset }), ...headers },
  };
}

/** The event that tells that `old` is void. */
export function retraction(by: Corrector, old: LoggedOutput): Envelope {
  const { envelope, offset, cause } = old;
  return {
    topic: retractedTopic(by.consumer),
    msg_id: correctionId(by, envelope),
    timestamp: envelope.timestamp ?? 0,
    i: 1,
    headers: { cause: { ...cause, consumer: by.consumer, version: by.version } },
    msg: { offset, topic: envelope.topic },
  };
}

/**
 * An id of its own, made of nothing but the id that the output would have had and the generation:
 * what it corrects may have that very id. The year and the time stay, the rest is SHA-256.
 */
export function correctionId(by: Corrector, { msg_id: id = "" }: Pick<Envelope, "msg_id">): string {
  const hash = createHash("sha256").update(`${by.consumer}\n${by.generation}\n${id}`).digest("hex");
  const time = /^\d{4}-[0-9a-f]{8}-[0-9a-f]{4}-/.exec(id)?.[0] ?? "1970-00000000-0000-";
  return `${time}8${hash.slice(0, 3)}-${"89ab"[Number.parseInt(hash[3]!, 16) & 3]}${hash.slice(4, 7)}-${hash.slice(8, 20)}`;
}
