import {
  type ArchivedEvent,
  type ArchiveFormat,
  decodeArchived,
} from "../../bus/fedmsg/archived.js";
import { FedbusError } from "../../schemas/errors.js";
import { isReserved } from "../../schemas/topic.js";
import type { InputLine } from "../input/lines.js";
import type { Tally } from "../input/tally.js";
import type { PendingIds } from "./pending-ids.js";
import { type RepublishTarget, republish, type StoredEvent } from "./republish.js";
import { textOf } from "./text-of.js";

/** What an import of an archive tells besides the tally. */
export interface ForeignCounts {
  /** In the log already, or twice in the archive. */
  known: number;
  /** Signed events whose signature holds, or not, by the certificate in them. */
  signaturesHold: number;
  signaturesBroken: number;
}

interface Foreign {
  readonly format: ArchiveFormat;
  /** The bulk of the target settles them. */
  readonly ids: PendingIds;
  readonly counts: ForeignCounts;
}

/**
 * Publishes an archive's events in their order, each once, however often it is imported. Topics of the bus itself are
 * refused: a schema is registered from an export of our own only, as anyone may have written to another's archive.
 */
export async function importForeign(
  records: AsyncIterable<readonly InputLine[]>,
  from: Foreign,
  target: RepublishTarget,
): Promise<void> {
  for await (const batch of records) {
    let part: StoredEvent[] = [];
    for (const record of batch) {
      const event = decode(record, from.format, target.tally);
      if (event === undefined) continue;
      if (from.ids.isPending(event)) {
        // Whether this one is there already depends on the answer to the other.
        await republish(part, target);
        await target.bulk.finish();
        part = [];
      }
      if (isNew(event, from)) {
        from.ids.add(record.number, event);
        part.push({ number: record.number, bytes: Buffer.from(event.text) });
      }
    }
    await republish(part, target);
  }
}

/** The event in a record; if there is none to be had, the tally says why. */
function decode(
  { number, bytes }: InputLine,
  format: ArchiveFormat,
  tally: Tally,
): ArchivedEvent | undefined {
  try {
    const event = decodeArchived(textOf(bytes), format);
    if (event.topic !== undefined && isReserved(event.topic))
      throw new FedbusError("TOPIC_RESERVED", "only an export of fedbus brings topics of its own");
    return event;
  } catch (error) {
    if (!(error instanceof FedbusError)) throw error;
    tally.refuse(error, number);
    return undefined;
  }
}

/** Whether the event is not there yet. It is counted. */
function isNew(event: ArchivedEvent, { ids, counts }: Foreign): boolean {
  if (ids.isKnown(event)) {
    counts.known++;
    return false;
  }
  if (event.signatureHolds === true) counts.signaturesHold++;
  if (event.signatureHolds === false) counts.signaturesBroken++;
  return true;
}
