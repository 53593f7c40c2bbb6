import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { showBytes, showCount, showTime } from "../../render/amounts.js";
import { table } from "../../render/table.js";

export const info = command({
  positionals: {},
  options: {},
  examples: [["$0 log info --json", "for a program"]],
  async run(_values, { where, json, out }) {
    const { stats, live, place } = await withBus(where, async ({ bus, live, place }) => ({
      stats: await bus.stats(),
      live,
      place,
    }));
    const { log } = stats;
    if (json) {
      await out.json({ ...stats, hub: live ? place : null });
      return exit.ok;
    }
    const rows = [
      ["log", stats.logId],
      ["directory", stats.dir ?? where.dir],
      ["hub", live ? place : "none is running"],
      ["epoch", String(stats.epoch)],
      ["offsets", stats.head === 0 ? "none yet" : `${stats.first} to ${stats.head - 1}`],
      ["events", showCount(log.events)],
      ["topics", showCount(log.topics)],
      ["without schema", stats.unknownTopics === "refuse" ? "refused" : "accepted"],
      ["blocks", `${showCount(log.blocks)}, ${showBytes(log.bytes)}`],
      ["on disk", `${showBytes(log.diskBytes)}, the reserve for a full disk included`],
      ["first event", showTime(log.firstRecordedAt)],
      ["last event", showTime(log.lastRecordedAt)],
    ];
    await out.write(table(rows));
    return exit.ok;
  },
});
