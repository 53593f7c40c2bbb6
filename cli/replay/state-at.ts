import { join } from "node:path";
import { existingHome, type TableEntry, type TableQuery } from "../../consumers/index.js";
import { queryTable } from "../../consumers/supervisor/query-table.js";
import { type StateMoment, stateAt } from "../../replay/index.js";
import { withBus } from "../bus-for.js";
import { consumersDir } from "../consumers/place.js";
import type { Context } from "../context.js";
import { checkNotPastHead } from "../selection.js";
import { missing, parseTime } from "../units.js";
import { loadCandidate } from "./candidate.js";
import { ReplayBar } from "./replay-progress.js";
import { warnImpure } from "./warn-impure.js";

/** Entries of a consumer's tables as they were before an offset, or a time. */
export async function queryStateAt(
  name: string,
  at: string,
  { query, plugin }: { readonly query: TableQuery; readonly plugin: string | undefined },
  context: Context,
): Promise<TableEntry[]> {
  return await withBus(context.where, async ({ bus }) => {
    const { home } = await existingHome(await consumersDir(bus, context), name);
    const registration = await home.registration();
    const path = plugin ?? registration?.path;
    if (path === undefined)
      throw missing(
        "the plugin",
        `name its file with --plugin: ${name} was never run by a command`,
      );
    if (((await home.current())?.lineage?.rewinds.length ?? 0) > 0) await noteRewinds(context);
    const given = { config: undefined, set: [] };
    const candidate = await loadCandidate(path, given, { registration, ...context });
    const moment = momentFrom(at);
    if ("offset" in moment) checkNotPastHead("--at", moment.offset, await bus.source.info());
    const bar = new ReplayBar(context, "rebuilding");
    try {
      await using replay = await stateAt({
        ...candidate,
        consumer: { ...candidate.consumer, name },
        source: bus.source,
        at: moment,
        dir: join(home.dir, "replays", "state"),
        ...(registration && { startAt: registration.startAt }),
        signal: context.signal,
        onProgress: bar.tell,
        onImpure: warnImpure(context),
      });
      return await queryTable(replay.store, query);
    } finally {
      bar.stop();
    }
  });
}

async function noteRewinds({ err, errColours }: Context): Promise<void> {
  await err.line(
    `${errColours.yellow("note")}: rebuilt without its rewinds: each event handled once, by the code that runs now`,
  );
}

function momentFrom(at: string): StateMoment {
  return /^\d{1,11}$/.test(at)
    ? { offset: Number(at) }
    : { time: parseTime("--at", at, Date.now()) };
}
