// Delivers events 0 to below `to` in batches of random sizes, and notes after each how far it came,
// as a consumer's runner does. Started anew, it goes on from its note.
import { readFileSync } from "node:fs";
import { writeDurably } from "../../../../bus/storage/durable-file.js";
import { file } from "../../../../consumers/sinks/file/file.js";
import type { FileOptions } from "../../../../consumers/sinks/file/file-options.js";
import { childOptions, tellParent } from "../../../bus/child.js";
import { deliveries, neverAborted } from "../deliveries.js";

const { options, note, to } = childOptions<{ options: FileOptions; note: string; to: number }>();

function noted(): number {
  try {
    return Number(readFileSync(note, "utf8"));
  } catch {
    return 0;
  }
}

tellParent("ready");
const files = file(options);
for (let next = noted(); next < to; ) {
  const end = Math.min(to, next + 1 + Math.floor(Math.random() * 40));
  await files.deliver(deliveries(next, end), neverAborted);
  tellParent("delivered", { end });
  if (Math.random() < 0.7) await writeDurably(note, String(end));
  next = end;
}
await files.close();
tellParent("done");
process.disconnect();
