import type { Bus } from "../../bus/index.js";
import {
  decodeSchemaEvent,
  type Envelope,
  FedbusError,
  isReserved,
  schemaTopic,
} from "../../schemas/index.js";
import type { BulkPublish } from "../input/bulk.js";
import type { InputLine } from "../input/lines.js";
import type { Tally } from "../input/tally.js";
import { decodeRecord } from "./record.js";

interface Importing {
  readonly bus: Bus;
  readonly bulk: BulkPublish;
  readonly tally: Tally;
}

interface Record {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * Publishes the events of an export in their order, byte for byte. The bus's own events cannot be
 * published: those that register a schema register it here, and others are left out.
 */
export async function importRecords(
  lines: AsyncIterable<readonly InputLine[]>,
  importing: Importing,
): Promise<void> {
  for await (const batch of lines) {
    let part: Record[] = [];
    for (const line of batch) {
      const record = decodeLine(line, importing.tally);
      if (record === undefined) continue;
      const own = ownEventIn(record);
      if (own === undefined) part.push(record);
      if (own !== undefined || part.length >= importing.bulk.batchMax) {
        await send(part, importing);
        part = [];
      }
      if (own?.topic === schemaTopic) await register(own, record, importing);
    }
    await send(part, importing);
  }
}

function decodeLine(line: InputLine, tally: Tally): Record | undefined {
  try {
    return { number: line.number, bytes: decodeRecord(line).bytes };
  } catch (error) {
    if (!(error instanceof FedbusError)) throw error;
    tally.refuse(error, line.number);
    return undefined;
  }
}

/** The envelope, if it is an event of the bus itself. Only lines that may be one are parsed. */
function ownEventIn({ bytes }: Record): Envelope | undefined {
  if (!bytes.includes("fedbus.")) return undefined;
  try {
    const envelope = JSON.parse(bytes.toString("utf8")) as Envelope;
    return isReserved(envelope.topic) ? envelope : undefined;
  } catch {
    // Whatever it is, the bus will refuse it with the reason.
    return undefined;
  }
}

async function send(part: readonly Record[], { bulk }: Importing): Promise<void> {
  if (part.length === 0) return;
  await bulk.send(
    part.map(({ number }) => number),
    (publisher) => publisher.publishEnvelopes(part.map(({ bytes }) => bytes)),
  );
}

async function register(own: Envelope, { number }: Record, importing: Importing): Promise<void> {
  await importing.bulk.finish();
  try {
    await importing.bus.registerSchema(decodeSchemaEvent(own.msg));
  } catch (error) {
    if (!(error instanceof FedbusError)) throw error;
    importing.tally.refuse(error, number);
  }
}
