import { archiveFormats } from "../../../bus/fedmsg/archived.js";
import type { Bus } from "../../../bus/index.js";
import { importRecords } from "../../archive/import.js";
import { type ForeignCounts, importForeign } from "../../archive/import-foreign.js";
import { readRecords } from "../../archive/json-records.js";
import { KnownIds } from "../../archive/known-ids.js";
import { PendingIds } from "../../archive/pending-ids.js";
import type { RepublishTarget } from "../../archive/republish.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import type { Context } from "../../context.js";
import { exit } from "../../exit.js";
import { BulkPublish } from "../../input/bulk.js";
import { bytesRead, type OpenedInput, openInput } from "../../input/file.js";
import { readLines } from "../../input/lines.js";
import { Tally } from "../../input/tally.js";
import { showCount } from "../../render/amounts.js";
import { startProgress } from "../../render/progress.js";
import { renderTally } from "../../render/tally.js";

type Format = "export" | (typeof archiveFormats)[number];

export const importLog = command({
  positionals: {
    file: {
      type: "string",
      demandOption: true,
      describe: "What `log export` wrote, or another archive; - is standard input",
    },
  },
  options: {
    format: {
      choices: ["export", ...archiveFormats] as const,
      default: "export",
      describe:
        "Whose archive it is; of others' than our own, events that are there already are left out",
    },
  },
  examples: [
    ["$0 log import backup.ndjson --dir ./second", "into another log, made if need be"],
    [
      "$0 log import page.json --format datagrepper",
      "messages of fedmsg's archive, with ids and times",
    ],
  ],
  async run({ file, format }, context) {
    const { json, out, colours, where } = context;
    const input = await openInput(file, context);
    const tally = new Tally();
    const counts: ForeignCounts = { known: 0, signaturesHold: 0, signaturesBroken: 0 };
    const startedMs = performance.now();
    const how = { format: format as Format, input, tally, counts };
    await withBus(where, ({ bus }) => importInto(bus, how, context), { create: true });
    const seconds = (performance.now() - startedMs) / 1000;
    const isForeign = format !== "export";
    if (json) await out.json(isForeign ? { ...tally.toJSON(), ...counts } : tally);
    else
      await out.write(
        renderTally(tally, { seconds, colours, numbered: isForeign ? "record" : "line" }) +
          (isForeign ? renderCounts(counts) : ""),
      );
    return tally.refused > 0 ? exit.problems : exit.ok;
  },
});

async function importInto(
  bus: Bus,
  how: {
    readonly format: Format;
    readonly input: OpenedInput;
    readonly tally: Tally;
    readonly counts: ForeignCounts;
  },
  context: Context,
): Promise<void> {
  const { format, input, tally, counts } = how;
  const { stream, size } = input;
  const { signal } = context;
  const ids =
    format === "export" ? undefined : new PendingIds(await KnownIds.of(bus.source, signal));
  const progress = startProgress(context, "importing", size);
  await using publisher = bus.publisher();
  const bulk = new BulkPublish(publisher, tally, {
    signal,
    onOutcome: (line, isAccepted) => ids?.settle(line, isAccepted),
    onProgress: () => progress.update(bytesRead(stream), `${showCount(tally.accepted)} accepted`),
  });
  const target: RepublishTarget = { bus, bulk, tally };
  try {
    if (format === "export" || ids === undefined) await importRecords(readLines(stream), target);
    else await importForeign(readRecords(stream), { format, ids, counts }, target);
  } finally {
    await bulk.finish().finally(() => progress.stop());
  }
}

function renderCounts({ known, signaturesHold, signaturesBroken }: ForeignCounts): string {
  const signed = signaturesHold + signaturesBroken;
  const lines = [
    ...(known > 0 ? [`${showCount(known)} left out: they were there already`] : []),
    ...(signed > 0
      ? [`${showCount(signed)} signed: ${showCount(signaturesHold)} of the signatures hold`]
      : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
