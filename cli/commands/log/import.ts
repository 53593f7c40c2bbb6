import { importRecords } from "../../archive/import.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { BulkPublish } from "../../input/bulk.js";
import { bytesRead, openInput } from "../../input/file.js";
import { readLines } from "../../input/lines.js";
import { Tally } from "../../input/tally.js";
import { showCount } from "../../render/amounts.js";
import { startProgress } from "../../render/progress.js";
import { renderTally } from "../../render/tally.js";

export const importLog = command({
  positionals: {
    file: {
      type: "string",
      demandOption: true,
      describe: "What `log export` wrote; - is standard input",
    },
  },
  options: {},
  examples: [["$0 log import backup.ndjson --dir ./second", "into another log, made if need be"]],
  async run({ file }, context) {
    const { json, out, colours, signal, where } = context;
    const { stream, size } = await openInput(file, context);
    const tally = new Tally();
    const startedMs = performance.now();
    await withBus(
      where,
      async ({ bus }) => {
        const progress = startProgress(context, "importing", size);
        await using publisher = bus.publisher();
        const bulk = new BulkPublish(publisher, tally, {
          signal,
          onProgress: () =>
            progress.update(bytesRead(stream), `${showCount(tally.accepted)} accepted`),
        });
        try {
          await importRecords(readLines(stream), { bus, bulk, tally });
        } finally {
          await bulk.finish().finally(() => progress.stop());
        }
      },
      { create: true },
    );
    const seconds = (performance.now() - startedMs) / 1000;
    await (json ? out.json(tally) : out.write(renderTally(tally, { seconds, colours })));
    return tally.refused > 0 ? exit.problems : exit.ok;
  },
});
