import { open } from "node:fs/promises";
import { Block } from "../../bus/index.js";
import { outboxBatches, type StateStore } from "../../consumers/index.js";
import { FedbusError } from "../../schemas/errors.js";

/** Writes the outputs in a store into a new file, an envelope a line. Rejects with INPUT_INVALID. */
export async function writeOutputs(store: StateStore, path: string): Promise<void> {
  const file = await open(path, "wx").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EEXIST") throw cause;
    throw new FedbusError("INPUT_INVALID", `${path} exists already`, {
      details: { path, remedy: "name a new file" },
      cause,
    });
  });
  try {
    for await (const { block: bytes, count } of outboxBatches(store)) {
      const block = Block.decode(bytes);
      const lines = Array.from({ length: count }, (_, index) => `${block.bytesOf(index)}\n`);
      await file.appendFile(lines.join(""));
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}
