import { copyLog } from "../../../bus/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { showBytes, showCount } from "../../render/amounts.js";
import { startProgress } from "../../render/progress.js";

export const backup = command({
  positionals: {
    target: { type: "string", demandOption: true, describe: "An empty directory, or a backup" },
  },
  options: {},
  examples: [["$0 log backup /mnt/backup/fedbus", "works while the hub runs"]],
  async run({ target }, context) {
    const { where, json, out, colours, signal } = context;
    const result = await withBus(where, async ({ bus }) => {
      const { first, head } = await bus.source.info();
      const progress = startProgress(context, "copying", head - first);
      const onProgress = ({ offset }: { readonly offset: number }) =>
        progress.update(offset - first);
      return await copyLog(bus.source, target, { signal, onProgress }).finally(() =>
        progress.stop(),
      );
    });
    const { from, head, bytes, blobs } = result;
    const text = `${showCount(head - from)} offsets copied, ${from} up to ${head} (${showBytes(bytes)})`;
    if (json) await out.json(result);
    else {
      await out.line(text);
      if (blobs.count > 0)
        await out.line(`blobs: ${showCount(blobs.count)} copied (${showBytes(blobs.bytes)})`);
      for (const sha256 of blobs.damaged)
        await out.line(`${colours.red("damaged")}, and not in the backup: blob ${sha256}`);
    }
    return blobs.damaged.length === 0 ? exit.ok : exit.damaged;
  },
});
