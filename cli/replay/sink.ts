import { open } from "node:fs/promises";
import type { Bus, BusEvent } from "../../bus/index.js";
import { FedbusError } from "../../schemas/errors.js";
import { republish } from "../archive/republish.js";
import { BulkPublish } from "../input/bulk.js";
import type { Tally } from "../input/tally.js";
import type { Output } from "../output.js";
import { escapeJson } from "../render/escape.js";

/** Where a replay goes. */
export interface ReplaySink {
  take(events: readonly BusEvent[]): Promise<void>;
  /** Resolves when everything taken has arrived. */
  end(): Promise<void>;
}

/** An event's bytes as one line; line breaks between JSON tokens, where there are any, as spaces. */
function lineOf({ bytes }: BusEvent): Buffer {
  const flat = bytes.includes(10)
    ? Buffer.from(bytes.toString("latin1").replace(/[\r\n]/g, " "), "latin1")
    : bytes;
  return Buffer.concat([flat, newline]);
}

const newline = Buffer.from("\n");

/** Envelopes as NDJSON: exact for a program, escaped for a person at a terminal. */
export function outputSink(out: Output): ReplaySink {
  const text = (event: BusEvent): string => `${escapeJson(event.bytes.toString("utf8"))}\n`;
  return {
    take: (events) =>
      out.write(out.isTerminal ? events.map(text).join("") : Buffer.concat(events.map(lineOf))),
    end: async () => {},
  };
}

/** Envelopes as NDJSON in a new file. Rejects with INPUT_INVALID if there is one already. */
export async function fileSink(path: string): Promise<ReplaySink> {
  const file = await open(path, "wx").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EEXIST") throw cause;
    const details = { path, remedy: "name a new file" };
    throw new FedbusError("INPUT_INVALID", `${path} exists already`, { details, cause });
  });
  return {
    take: async (events) => {
      await file.writeFile(Buffer.concat(events.map(lineOf)));
    },
    end: async () => {
      await file.datasync();
      await file.close();
    },
  };
}

/**
 * Events published on another bus, byte for byte. What the bus publishes itself is left out, but
 * schemas are registered there, in their place. Refusals go to the tally with the event's offset
 * here.
 */
export function busSink(bus: Bus, tally: Tally, signal: AbortSignal): ReplaySink {
  const publisher = bus.publisher();
  const bulk = new BulkPublish(publisher, tally, { signal });
  return {
    take: (events) =>
      republish(
        events.map(({ offset, bytes }) => ({ number: offset, bytes })),
        { bus, bulk, tally },
      ),
    end: async () => {
      await bulk.finish();
      await publisher.close();
    },
  };
}
