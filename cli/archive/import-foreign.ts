import { type ArchiveFormat, decodeArchived } from "../../bus/fedmsg/archived.js";
import { FedbusError } from "../../schemas/errors.js";
import { isReserved } from "../../schemas/topic.js";
import type { InputLine } from "../input/lines.js";
import type { KnownIds } from "./known-ids.js";
import { type RepublishTarget, republish, type StoredEvent } from "./republish.js";

/** What an import of an archive tells besides the tally. */
export interface ForeignCounts {
  /** In the log already, or twice in the archive. */
  known: number;
  /** Signed events whose signature holds, or not, by the certificate in them. */
  signaturesHold: number;
  signaturesBroken: number;
}

/**
 * Publishes an archive's events in their order, each once, however often it is imported. Topics of the bus itself are
 * refused: a schema is registered from an export of our own only, as anyone may have written to another's archive.
 */
export async function importForeign(
  records: AsyncIterable<readonly InputLine[]>,
  from: {
    readonly format: ArchiveFormat;
    readonly known: KnownIds;
    readonly counts: ForeignCounts;
  },
  target: RepublishTarget,
): Promise<void> {
  const { format, known, counts } = from;
  const decode = ({ number, bytes }: InputLine): StoredEvent[] => {
    const { text, topic, id, signatureHolds } = decodeArchived(bytes.toString("utf8"), format);
    if (topic !== undefined && isReserved(topic))
      throw new FedbusError("TOPIC_RESERVED", "only an export of fedbus brings topics of its own");
    if (!known.claim(id, text)) {
      counts.known++;
      return [];
    }
    if (signatureHolds === true) counts.signaturesHold++;
    if (signatureHolds === false) counts.signaturesBroken++;
    return [{ number, bytes: Buffer.from(text) }];
  };
  for await (const batch of records)
    await republish(
      batch.flatMap((record) => {
        try {
          return decode(record);
        } catch (error) {
          if (!(error instanceof FedbusError)) throw error;
          target.tally.refuse(error, record.number);
          return [];
        }
      }),
      target,
    );
}
