import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bus } from "../../bus/index.js";
import { existingHome, hashState, homeOf, loadPlugin } from "../../consumers/index.js";
import { readCheckpoint } from "../../consumers/runner/checkpoint.js";
import { type PromotedOutputs, promote, Replay, replayId } from "../../replay/index.js";
import type { FedbusError } from "../../schemas/index.js";
import { consumersDir } from "../consumers/place.js";
import type { Context } from "../context.js";
import { type ExitCode, exit } from "../exit.js";
import { showCount, showMany } from "../render/amounts.js";
import { escapeText } from "../render/escape.js";
import { missing, notTogether } from "../units.js";
import { loadCandidate } from "./candidate.js";
import type { ConsumerReplayValues } from "./consumer-options.js";
import { offsetRangeFrom } from "./range.js";
import { ReplayBar } from "./replay-progress.js";
import { warnImpure } from "./warn-impure.js";
import { writeOutputs } from "./write-outputs.js";

type Values = ConsumerReplayValues & {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly toFile: string | undefined;
};

/** Runs a consumer over history, and says what came of it. */
export async function replayConsumer(
  bus: Bus,
  values: Values,
  context: Context,
): Promise<ExitCode> {
  const plan = await planFrom(bus, values, context);
  const bar = new ReplayBar(context, "replaying");
  await using replay = await Replay.open({
    ...plan.options,
    signal: context.signal,
    onProgress: bar.tell,
    onImpure: warnImpure(context),
  });
  await sayWhereFrom(replay, bus, context);
  try {
    if (values.promote) return await promoteReplay(bus, replay, { ...plan, ...values }, context);
    const { isComplete } = await replay.run();
    bar.stop();
    if (!isComplete) return await sayInterrupted(replay, context);
  } finally {
    bar.stop();
  }
  if (values.toFile !== undefined) await writeOutputs(replay.store, values.toFile);
  await report(replay, values.keep, context);
  await replay.close();
  if (!values.keep) await rm(replay.dir, { recursive: true, force: true });
  return exit.ok;
}

async function planFrom(bus: Bus, values: Values, context: Context) {
  const { source } = bus;
  const name = values.consumer ?? (await nameOf(values.plugin!, context));
  const dir = await consumersDir(bus, context);
  // With a plugin of its own, a name need not have run.
  const consumer = values.plugin === undefined ? await existingHome(dir, name) : homeOf(dir, name);
  const registration = await consumer.home.registration();
  const plugin = values.plugin ?? registration?.path;
  if (plugin === undefined)
    throw missing("the plugin", `name its file with --plugin: ${name} was never run by a command`);
  const candidate = await loadCandidate(plugin, values, { registration, ...context });
  const asked = { from: values.from ?? values.since, to: values.to ?? values.until };
  const range = await offsetRangeFrom(asked, source);
  const { first } = await source.info();
  const beginning = Math.max(first, registration?.startAt ?? 0);
  const from = range.from ?? beginning;
  if (values.promote && from > beginning && (await consumer.home.current()) !== undefined)
    throw startsLate(name, beginning);
  const { settings, pluginHash, path } = candidate;
  const id = replayId(candidate.consumer, { settings, pluginHash, ...asked });
  return {
    named: consumer,
    registration: {
      ...{ path, version: candidate.consumer.version, config: settings },
      topics: candidate.consumer.topics(candidate.config),
    },
    options: {
      source,
      consumer: { ...candidate.consumer, name },
      config: candidate.config,
      pluginHash: pluginHash!,
      dir: join(consumer.home.dir, "replays", id),
      from,
      ...(range.to !== undefined && { to: range.to }),
    },
  };
}

/** What a promotion from there leaves out would be gone from the state, and from later replays. */
function startsLate(name: string, beginning: number): FedbusError {
  const remedy =
    `${name} begins at offset ${beginning}, and would lose what it knows from before --from: ` +
    `leave --from out, or let it begin anew with \`fedbus consumers reset ${name} --from\``;
  return notTogether("a later --from", "--promote", remedy);
}

async function nameOf(plugin: string, { cwd }: Context): Promise<string> {
  return (await loadPlugin(plugin, { from: cwd })).consumer.name;
}

async function sayWhereFrom(replay: Replay, bus: Bus, { err, errColours }: Context): Promise<void> {
  const { from } = replay.plan;
  const next = await replay.next();
  const { first } = await bus.source.info();
  if (next > from) await err.line(`going on at offset ${next}, where it was interrupted`);
  else if (from > first)
    await err.line(
      `${errColours.yellow("note")}: state is empty at offset ${from}, where this begins`,
    );
}

async function sayInterrupted(replay: Replay, { err }: Context): Promise<ExitCode> {
  const { to } = replay.plan;
  await err.line(
    `interrupted at offset ${await replay.next()} of ${to}: the same command goes on there`,
  );
  return exit.interrupted;
}

async function promoteReplay(
  bus: Bus,
  replay: Replay,
  plan: Awaited<ReturnType<typeof planFrom>> & { readonly outputs: string },
  { signal, json, out }: Context,
): Promise<ExitCode> {
  const { named: consumer, registration } = plan;
  const outputs = plan.outputs as PromotedOutputs;
  const promotion = await promote({ bus, consumer, replay, registration, outputs, signal });
  const { same, added, dropped, changed } = promotion.totals;
  await (json
    ? out.json({ consumer: consumer.name, ...promotion })
    : out.line(
        `promoted ${escapeText(consumer.name)}: generation ${promotion.generation} goes on at offset ` +
          `${promotion.next}; outputs: ${showCount(same)} same, ${showCount(added)} added, ` +
          `${showCount(dropped)} dropped, ${showCount(changed)} changed`,
      ));
  return exit.ok;
}

async function report(replay: Replay, isKept: boolean, { json, out }: Context): Promise<void> {
  const { consumer, version, from, to } = replay.plan;
  const { totals, time } = (await readCheckpoint(replay.store))!;
  const state = await hashState(replay.store, time);
  const kept = isKept ? { dir: replay.dir } : {};
  if (json) return await out.json({ consumer, version, from, to, ...totals, state, ...kept });
  const { handled, outputs, deadLetters } = totals;
  await out.line(
    `${escapeText(consumer)} ${escapeText(version)} over offsets ${from} to ${to}: ` +
      `${showMany(handled, "event")} handled, ${showMany(outputs, "output")}` +
      (deadLetters > 0 ? `, and ${showMany(deadLetters, "dead letter")}` : ""),
  );
  const { entries, timers, sha256 } = state;
  const many = `${showMany(entries, "entry", "entries")}, ${showMany(timers, "timer")}`;
  await out.line(`state: ${many}, ${sha256}`);
  if (isKept) await out.line(`kept in ${escapeText(replay.dir)}`);
}
