import { connectTo, type Target, withBus } from "../bus-for.js";
import { command } from "../command.js";
import type { Context } from "../context.js";
import { Damage } from "../damage.js";
import { type ExitCode, exit } from "../exit.js";
import { Tally } from "../input/tally.js";
import { showCount } from "../render/amounts.js";
import { startProgress } from "../render/progress.js";
import { renderTally } from "../render/tally.js";
import { consumerReplayOptions, wantsConsumer } from "../replay/consumer-options.js";
import { replayConsumer } from "../replay/consumer-replay.js";
import { Pace, parseSpeed } from "../replay/pace.js";
import { runReplay } from "../replay/run-replay.js";
import { busSink, fileSink, outputSink, type ReplaySink } from "../replay/sink.js";
import {
  checkNotPastHead,
  noteOnFilter,
  patternsArgument,
  rangeOptions,
  type Selection,
  selectionFrom,
} from "../selection.js";
import { notTogether } from "../units.js";

interface Destination {
  readonly file: string | undefined;
  readonly hub: string | undefined;
}

export const replay = command({
  positionals: patternsArgument,
  options: {
    ...rangeOptions,
    speed: {
      type: "string",
      default: "max",
      describe: "original, a factor of it such as 10, or max",
    },
    "to-file": { type: "string", describe: "Write the events into a new file, one a line" },
    "to-hub": { type: "string", describe: "Publish the events there, byte for byte" },
    ...consumerReplayOptions,
  },
  examples: [
    ["$0 replay 'org.example.#' --since 1h --speed 10", "the last hour in six minutes"],
    ["$0 replay --to-hub tcp://127.0.0.1:9960", "everything, to another hub"],
    [
      "$0 replay --consumer speeding --to 10000",
      "run a consumer over history; nothing is published",
    ],
    ["$0 replay --plugin ./speeding.ts --promote", "rebuild its state with new code"],
  ],
  async run(values, context) {
    if (wantsConsumer(values))
      return await withBus(context.where, ({ bus }) => replayConsumer(bus, values, context));
    const selection = await selectionFrom(values, context.signal);
    const pace = new Pace(parseSpeed(values.speed));
    const destination = { file: values.toFile, hub: values.toHub };
    if (destination.file !== undefined && destination.hub !== undefined)
      throw notTogether("--to-file", "--to-hub", "replay twice, once to each");
    return await withBus(context.where, async (target) => {
      const tally = new Tally();
      await using sink = await openSink(destination, tally, context);
      const damage = new Damage(context);
      await play(target, { ...selection, pace, sink, damage }, context);
      return (await report(tally, destination, context)) || damage.exitCode;
    });
  },
});

type ClosingSink = ReplaySink & AsyncDisposable;

async function openSink(to: Destination, tally: Tally, context: Context): Promise<ClosingSink> {
  const nothing = async (): Promise<void> => {};
  if (to.hub !== undefined) {
    const bus = await connectTo(to.hub);
    const sink = busSink(bus, tally, context.signal);
    return { ...sink, [Symbol.asyncDispose]: () => bus.close() };
  }
  const sink = to.file === undefined ? outputSink(context.out) : await fileSink(to.file);
  return { ...sink, [Symbol.asyncDispose]: nothing };
}

interface Playing extends Selection {
  readonly pace: Pace;
  readonly sink: ReplaySink;
  readonly damage: Damage;
}

async function play(
  { bus }: Target,
  { query, filter, pace, sink, damage }: Playing,
  context: Context,
): Promise<void> {
  const { first, head } = await bus.source.info();
  checkNotPastHead("--from", query.from, { head });
  const from = query.from ?? first;
  const progress = startProgress(context, "replaying", (query.to ?? head) - from);
  let count = 0;
  try {
    const events = damage.query(bus, {
      ...query,
      where: (event) => {
        count++;
        return filter?.test(event) ?? true;
      },
    });
    await runReplay(events, sink, {
      pace,
      signal: context.signal,
      onProgress: ({ offset }) => progress.update(offset + 1 - from, `${showCount(count)} events`),
    });
  } finally {
    progress.stop();
    await sink.end();
  }
  const note = noteOnFilter(filter);
  if (note !== undefined) await context.err.line(note);
}

async function report(tally: Tally, to: Destination, context: Context): Promise<ExitCode> {
  if (to.hub === undefined) return exit.ok;
  const { json, out, colours } = context;
  await (json ? out.json(tally) : out.write(renderTally(tally, { colours, numbered: "offset" })));
  return tally.refused > 0 ? exit.problems : exit.ok;
}
