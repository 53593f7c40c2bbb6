import { open } from "node:fs/promises";
import type { BusEvent } from "../../../bus/index.js";
import { FedbusError } from "../../../schemas/errors.js";
import { encodeRecord } from "../../archive/record.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { Damage } from "../../damage.js";
import type { Output } from "../../output.js";
import { showCount } from "../../render/amounts.js";
import { escapeJson } from "../../render/escape.js";
import { startProgress } from "../../render/progress.js";
import {
  checkNotPastHead,
  patternsArgument,
  rangeOptions,
  selectionFrom,
} from "../../selection.js";

/** Bytes gathered before they are written at once. */
const chunkBytes = 262_144;

interface Target {
  write(chunk: Buffer): Promise<void>;
  close(): Promise<void>;
}

export const exportLog = command({
  positionals: patternsArgument,
  options: {
    ...rangeOptions,
    output: { type: "string", describe: "A new file (default: standard output)" },
  },
  examples: [["$0 log export --output backup.ndjson", "the whole log"]],
  async run(values, context) {
    const { query } = await selectionFrom(values, context.signal);
    const damage = new Damage(context);
    const { count } = await withBus(context.where, async ({ bus }) => {
      const { first, head } = await bus.source.info();
      checkNotPastHead("--from", query.from, { head });
      const from = query.from ?? first;
      const progress = startProgress(context, "exporting", (query.to ?? head) - from);
      const target = await openTarget(values.output, context.out);
      try {
        return await writeRecords(damage.query(bus, query), target, (offset, count) =>
          progress.update(offset + 1 - from, `${showCount(count)} events`),
        );
      } finally {
        progress.stop();
        await target.close();
      }
    });
    if (values.output !== undefined) {
      const { json, out } = context;
      await (json ? out.json({ exported: count }) : out.line(`${showCount(count)} exported`));
    }
    return damage.exitCode;
  },
});

async function writeRecords(
  events: AsyncIterable<BusEvent>,
  target: Target,
  onProgress: (offset: number, count: number) => void,
): Promise<{ readonly count: number }> {
  let records: Buffer[] = [];
  let bytes = 0;
  let count = 0;
  for await (const event of events) {
    const record = encodeRecord(event);
    records.push(record);
    bytes += record.length;
    count++;
    if (bytes < chunkBytes) continue;
    await target.write(Buffer.concat(records));
    onProgress(event.offset, count);
    records = [];
    bytes = 0;
  }
  await target.write(Buffer.concat(records));
  return { count };
}

async function openTarget(path: string | undefined, out: Output): Promise<Target> {
  if (path === undefined) return { write: (chunk) => writeOut(chunk, out), close: async () => {} };
  const file = await open(path, "wx").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EEXIST") throw cause;
    const details = { path, remedy: "name a new file with --output" };
    throw new FedbusError("INPUT_INVALID", `${path} exists already`, { details, cause });
  });
  return {
    write: (chunk) => file.writeFile(chunk),
    close: async () => {
      await file.datasync();
      await file.close();
    },
  };
}

/** Exact for a program; safe for a person at a terminal. */
function writeOut(chunk: Buffer, out: Output): Promise<void> {
  if (!out.isTerminal) return out.write(chunk);
  return out.write(chunk.toString("utf8").split("\n").map(escapeJson).join("\n"));
}
