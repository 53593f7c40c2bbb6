import type { Bus, Logger, StartAt, SubscribeOptions } from "../../bus/index.js";
import { silentLogger } from "../../bus/kernel/logger.js";
import type { Filter } from "../../schemas/expression/filter.js";
import { type Target, withBus } from "../bus-for.js";
import { command } from "../command.js";
import type { Context } from "../context.js";
import { Damage } from "../damage.js";
import { type ExitCode, exit } from "../exit.js";
import type { Output } from "../output.js";
import { escapeText } from "../render/escape.js";
import type { EventFormat } from "../render/event.js";
import { checkNotPastHead, filterFrom, noteOnFilter, patternsArgument } from "../selection.js";
import {
  describeOption,
  descriptionsFrom,
  formatFrom,
  noteOnDescriptions,
  styleOptions,
} from "../style.js";
import { given, notTogether, parseCount, parseTime, wrongOption } from "../units.js";
import { writeAll } from "../write-all.js";

/** What a tail shows, and where it starts and ends. */
interface Tailing {
  readonly patterns: readonly string[];
  /** Undefined: live, or earliest where nothing follows. */
  readonly from: StartAt | undefined;
  readonly filter: Filter | undefined;
  readonly limit: number;
  readonly format: EventFormat;
}

export const tail = command({
  positionals: patternsArgument,
  options: {
    from: {
      type: "string",
      describe: "live, earliest or an offset (default: live; earliest if nothing follows)",
    },
    since: { type: "string", describe: "Start at a recording time, or that long ago: 15m" },
    where: { type: "string", describe: "Only events that this CEL expression accepts" },
    limit: { type: "string", describe: "End after so many events" },
    follow: {
      type: "boolean",
      default: true,
      describe: "Go on at the end (--no-follow, or no hub: print what the log holds)",
    },
    ...styleOptions,
    ...describeOption,
  },
  examples: [
    ["$0 tail 'org.fedbus.demo.#'", "everything that the demo publishes"],
    ["$0 tail --since 1h --where 'msg.usage > 0.9' --terse", "the last hour's, then live"],
    ["$0 tail --from earliest --no-follow --json | head", "the log from its start"],
  ],
  async run(values, context) {
    const { patterns, follow } = values;
    const descriptions = await descriptionsFrom(values, context);
    const tailing: Tailing = {
      patterns,
      from: startFrom(values.from, values.since),
      filter: await given(values.where, filterFrom),
      limit: given(values.limit, (text) => parseCount("--limit", text, 1)) ?? Infinity,
      format: formatFrom(values, context, descriptions),
    };
    const code = await withBus(
      context.where,
      async (target) => {
        descriptions?.bind(await target.bus.schemas());
        if (follow && target.live) return await followLive(target, tailing, context);
        if (follow)
          await context.err.line(
            "No hub is running: this is what the log holds, and nothing follows.",
          );
        return await printStored(target, tailing, context);
      },
      context.err.isTerminal ? { logger: noticesOn(context.err) } : {},
    );
    const note = noteOnFilter(tailing.filter);
    if (note !== undefined) await context.err.line(note);
    const undescribed = noteOnDescriptions(descriptions);
    if (undescribed !== undefined) await context.err.line(escapeText(undescribed));
    return code;
  },
});

function startFrom(from: string | undefined, since: string | undefined): StartAt | undefined {
  if (from !== undefined && since !== undefined)
    throw notTogether("--since", "--from", "start at an offset or at a time");
  if (since !== undefined) return { time: parseTime("--since", since, Date.now()) };
  if (from === undefined || from === "live" || from === "earliest") return from;
  if (!/^\d+$/.test(from)) throw wrongOption("--from", from, "live, earliest or an offset");
  return { offset: parseCount("--from", from) };
}

/** Tells a person that the hub is silent, and that it is back. */
function noticesOn(err: Output): Logger {
  const tell = (_fields: object, message: string): void => void err.line(escapeText(message));
  return { ...silentLogger, info: tell, warn: tell };
}

async function followLive({ bus }: Target, tailing: Tailing, context: Context): Promise<ExitCode> {
  const { signal } = context;
  const damage = new Damage(context);
  let from = tailing.from ?? "live";
  let left = tailing.limit;
  const take = (count: number): void => {
    left -= count;
  };
  while (left > 0 && !signal.aborted)
    try {
      await followFrom(bus, { ...tailing, from, limit: left, take }, context);
      break;
    } catch (error) {
      if (signal.aborted) break;
      from = { offset: (await damage.skip(error)).to };
    }
  return damage.exitCode;
}

interface Following extends Tailing {
  readonly from: StartAt;
  /** Told how many events were shown. */
  take(count: number): void;
}

/** Resolves when the limit is reached, or the signal aborts. */
async function followFrom(
  bus: Bus,
  { patterns, from, filter, limit, format, take }: Following,
  { signal, out }: Context,
): Promise<void> {
  const options: SubscribeOptions = { from, signal };
  let left = limit;
  await using subscription = bus.subscribe(patterns, options);
  for await (const { events } of subscription.batches()) {
    const accepted = filter === undefined ? events : events.filter((event) => filter.test(event));
    const shown = accepted.slice(0, left);
    left -= shown.length;
    take(shown.length);
    await out.write(shown.map(format).join(""));
    if (left === 0 || signal.aborted) return;
  }
}

async function printStored({ bus }: Target, tailing: Tailing, context: Context): Promise<ExitCode> {
  const { patterns, from, filter, limit, format } = tailing;
  if (from === "live") return exit.ok;
  const offset = typeof from === "object" && "offset" in from ? from.offset : undefined;
  checkNotPastHead("--from", offset, await bus.source.info());
  const damage = new Damage(context);
  const events = damage.query(bus, {
    ...(patterns.length > 0 ? { patterns } : {}),
    ...(offset === undefined ? {} : { from: offset }),
    ...(typeof from === "object" && "time" in from ? { since: from.time } : {}),
    ...(filter === undefined ? {} : { where: (event) => filter.test(event) }),
    ...(Number.isFinite(limit) ? { limit } : {}),
    signal: context.signal,
  });
  await writeAll(context.out, events, format);
  return damage.exitCode;
}
