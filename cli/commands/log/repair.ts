import { type RepairProgress, readHubFile, repairLog, repairStages } from "../../../bus/index.js";
import { FedbusError } from "../../../schemas/errors.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { escapeText } from "../../render/escape.js";
import { StatusLine } from "../../render/status-line.js";
import { renderReport } from "./verify.js";

export const repair = command({
  positionals: {},
  options: {
    "log-id": { type: "string", describe: "The log's id, for when log.json is lost" },
  },
  examples: [["$0 log repair --dir ./.fedbus", "with no hub running"]],
  async run({ logId }, context) {
    const { where, json, out, colours } = context;
    await checkNoHub(where.dir, where.hub);
    const status = new StatusLine(context.err, context.errColours.dim);
    const onProgress = (progress: RepairProgress): void => void status.update(textOf(progress));
    const report = await repairLog(where.dir, {
      ...(logId === undefined ? {} : { logId }),
      ...(json ? {} : { onProgress }),
    }).finally(() => status.clear());
    const { damagedTables, lost, verified } = report;
    if (json) await out.json(report);
    else {
      await out.line(`repaired: log ${report.logId}`);
      for (const path of damagedTables)
        await out.line(`  damaged, and put aside: ${escapeText(path)}`);
      for (const { from, to } of lost) await out.line(`  lost for good: ${from} up to ${to}`);
      await out.write(renderReport(verified, colours));
    }
    return lost.length > 0 ? exit.problems : exit.ok;
  },
});

const stages = {
  databases: "repairing the databases",
  blocks: "reading the blocks",
  index: "making the index",
  verify: "verifying",
};

function textOf({ stage, done = 0, total = 0 }: RepairProgress): string {
  const place = `${repairStages.indexOf(stage) + 1} of ${repairStages.length}`;
  const share = total > 0 ? ` ${Math.floor((100 * done) / total)}%` : "";
  return `${place}: ${stages[stage]}${share}`;
}

async function checkNoHub(dir: string, hub: string | undefined): Promise<void> {
  if (hub !== undefined)
    throw new FedbusError("OPTIONS_INVALID", "repair works on a directory, not on a hub", {
      details: { option: "--hub", remedy: "name the directory with --dir" },
    });
  const running = await readHubFile(dir);
  if (running !== undefined)
    throw new FedbusError("LOG_IN_USE", `a hub runs on it: process ${running.pid}`, {
      details: { ...running, remedy: "end that hub first" },
    });
}
