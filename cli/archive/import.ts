import { FedbusError } from "../../schemas/errors.js";
import type { InputLine } from "../input/lines.js";
import type { Tally } from "../input/tally.js";
import { decodeRecord } from "./record.js";
import { type RepublishTarget, republish, type StoredEvent } from "./republish.js";

/** Publishes the events of an export in their order, byte for byte. */
export async function importRecords(
  lines: AsyncIterable<readonly InputLine[]>,
  target: RepublishTarget,
): Promise<void> {
  for await (const batch of lines)
    await republish(
      batch.flatMap((line) => decodeLine(line, target.tally)),
      target,
    );
}

function decodeLine(line: InputLine, tally: Tally): StoredEvent[] {
  try {
    return [{ number: line.number, bytes: decodeRecord(line).bytes }];
  } catch (error) {
    if (!(error instanceof FedbusError)) throw error;
    tally.refuse(error, line.number);
    return [];
  }
}
