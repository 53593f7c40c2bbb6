import { FedbusError } from "../../schemas/errors.js";
import type { BodyEnvelopes } from "./body-envelopes.js";
import type { BulkPublish } from "./bulk.js";
import type { InputLine } from "./lines.js";
import type { Tally } from "./tally.js";

/** Publishes lines that are whole envelopes, their bytes as they are. */
export async function publishLines(
  lines: AsyncIterable<readonly InputLine[]>,
  bulk: BulkPublish,
): Promise<void> {
  for await (const batch of lines)
    for (let start = 0; start < batch.length; start += bulk.batchMax)
      await sendPart(batch.slice(start, start + bulk.batchMax), bulk);
}

async function sendPart(part: readonly InputLine[], bulk: BulkPublish): Promise<void> {
  await bulk.send(
    part.map((line) => line.number),
    (publisher) => publisher.publishEnvelopes(part.map((line) => line.bytes)),
  );
}

/** Lines that are bodies as lines that are envelopes. Those that are no JSON go to the tally. */
export async function* wrapBodies(
  lines: AsyncIterable<readonly InputLine[]>,
  wrap: { readonly envelopes: BodyEnvelopes; readonly topic: string; readonly tally: Tally },
): AsyncGenerator<readonly InputLine[]> {
  const { envelopes, topic, tally } = wrap;
  for await (const batch of lines)
    yield batch.flatMap(({ number, bytes }) => {
      try {
        return [{ number, bytes: envelopes.write(topic, bytes) }];
      } catch (error) {
        if (!(error instanceof FedbusError)) throw error;
        tally.refuse(error, number);
        return [];
      }
    });
}
