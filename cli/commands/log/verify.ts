import { type VerifyReport, verify } from "../../../bus/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { showBytes, showCount } from "../../render/amounts.js";
import type { Colours } from "../../render/colours.js";
import { escapeText } from "../../render/escape.js";
import { startProgress } from "../../render/progress.js";

export const verifyLog = command({
  positionals: {},
  options: {},
  examples: [["$0 log verify", "names the first offset that cannot be trusted"]],
  async run(_values, context) {
    const { where, json, out, colours, signal } = context;
    const report = await withBus(where, async ({ bus }) => {
      const { first, head } = await bus.source.info();
      const progress = startProgress(context, "verifying", head - first);
      const onProgress = ({ offset }: { readonly offset: number }) =>
        progress.update(offset - first);
      return await verify(bus.source, { signal, onProgress }).finally(() => progress.stop());
    });
    await (json ? out.json(report) : out.write(renderReport(report, colours)));
    const isIntact = report.damaged.length === 0 && report.blobs.damaged.length === 0;
    return isIntact ? exit.ok : exit.damaged;
  },
});

/** What a verification found, for a person. */
export function renderReport(report: VerifyReport, colours: Colours): string {
  const { first, head, blocks, events, bytes, trimmed, damaged, lost, firstBad, blobs } = report;
  const read = `${showCount(events)} events in ${showCount(blocks)} blocks (${showBytes(bytes)})`;
  const range = `offsets ${first} up to ${head}`;
  const lines = [
    firstBad === undefined
      ? `${colours.green("intact")}: ${read}, ${range}`
      : `${colours.red("damaged")} from offset ${firstBad} on: ${read}, ${range}`,
    ...damaged.map(({ from, to, reason }) => `  ${from} up to ${to}: ${escapeText(reason)}`),
  ];
  for (const { from, to } of lost)
    lines.push(`  ${colours.yellow("lost")}: ${from} up to ${to}, as a repair has noted`);
  if (trimmed > 0)
    lines.push(`  retention took events out of ${showCount(trimmed)} blocks: those are gone`);
  if (blobs.count > 0)
    lines.push(`  blobs: ${showCount(blobs.count)}, ${showBytes(blobs.bytes)} of them whole`);
  for (const sha256 of blobs.damaged) lines.push(`  ${colours.red("damaged")}: blob ${sha256}`);
  return `${lines.join("\n")}\n`;
}
