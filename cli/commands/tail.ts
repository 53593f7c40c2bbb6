import type { BusEvent, StartAt, SubscribeOptions } from "../../bus/index.js";
import { type Target, withBus } from "../bus-for.js";
import { command } from "../command.js";
import type { Context } from "../context.js";
import { type ExitCode, exit } from "../exit.js";
import { Filter } from "../expression/filter.js";
import type { EventFormat } from "../render/event.js";
import { noteOnFilter, patternsArgument } from "../selection.js";
import { formatFrom, styleOptions } from "../style.js";
import { given, parseCount, parseTime, wrongOption } from "../units.js";
import { writeAll } from "../write-all.js";

/** What a tail shows, and where it starts and ends. */
interface Tailing {
  readonly patterns: readonly string[];
  readonly from: StartAt;
  readonly filter: Filter | undefined;
  readonly limit: number;
  readonly format: EventFormat;
}

export const tail = command({
  usage: "tail [patterns..]",
  summary: "Print events as they come",
  positionals: patternsArgument,
  options: {
    from: { type: "string", describe: "live, earliest or an offset (default live)" },
    since: { type: "string", describe: "Start at a recording time, or that long ago: 15m" },
    where: { type: "string", describe: "Only events that this CEL expression accepts" },
    limit: { type: "string", describe: "End after so many events" },
    follow: { type: "boolean", default: true, describe: "Go on at the end (--no-follow: end)" },
    ...styleOptions,
  },
  examples: [
    ["$0 tail 'org.fedbus.demo.#'", "everything that the demo publishes"],
    ["$0 tail --since 1h --where 'msg.usage > 0.9' --terse", "the last hour's, then live"],
    ["$0 tail --from earliest --no-follow --json | head", "the log from its start"],
  ],
  async run(values, context) {
    const { patterns, follow } = values;
    const tailing: Tailing = {
      patterns,
      from: startFrom(values.from, values.since, follow),
      filter: given(values.where, (text) => new Filter(text)),
      limit: given(values.limit, (text) => parseCount("--limit", text, 1)) ?? Infinity,
      format: formatFrom(values, context),
    };
    const code = await withBus(context.where, async (target) => {
      if (follow && target.live) return await followLive(target, tailing, context);
      if (follow)
        await context.err.line(
          "No hub is running: this is what the log holds, and nothing follows.",
        );
      return await printStored(target, tailing, context);
    });
    const note = noteOnFilter(tailing.filter);
    if (note !== undefined) await context.err.line(note);
    return code;
  },
});

function startFrom(from: string | undefined, since: string | undefined, follow: boolean): StartAt {
  if (from !== undefined && since !== undefined)
    throw wrongOption("--since", since, "a time, but not beside --from");
  if (since !== undefined) return { time: parseTime("--since", since, Date.now()) };
  if (from === undefined) return follow ? "live" : "earliest";
  if (from === "live" || from === "earliest") return from;
  if (!/^\d+$/.test(from)) throw wrongOption("--from", from, "live, earliest or an offset");
  return { offset: parseCount("--from", from) };
}

async function followLive({ bus }: Target, tailing: Tailing, context: Context): Promise<ExitCode> {
  const { patterns, from, filter, limit, format } = tailing;
  const { signal, out } = context;
  const options: SubscribeOptions = { from, signal };
  let left = limit;
  await using subscription = bus.subscribe(patterns, options);
  try {
    for await (const { events } of subscription.batches()) {
      const accepted = filter === undefined ? events : events.filter((event) => filter.test(event));
      const shown = accepted.slice(0, left);
      left -= shown.length;
      await out.write(shown.map(format).join(""));
      if (left === 0 || signal.aborted) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return exit.ok;
}

async function printStored({ bus }: Target, tailing: Tailing, context: Context): Promise<ExitCode> {
  const { patterns, from, filter, limit, format } = tailing;
  if (from === "live") return exit.ok;
  const events: AsyncIterable<BusEvent> = bus.query({
    ...(patterns.length > 0 ? { patterns } : {}),
    ...(typeof from === "object" && "offset" in from ? { from: from.offset } : {}),
    ...(typeof from === "object" && "time" in from ? { since: from.time } : {}),
    ...(filter === undefined ? {} : { where: (event) => filter.test(event) }),
    ...(Number.isFinite(limit) ? { limit } : {}),
    signal: context.signal,
  });
  await writeAll(context.out, events, format);
  return exit.ok;
}
