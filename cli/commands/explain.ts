import { join } from "node:path";
import type { BusEvent } from "../../bus/index.js";
import { existingHome } from "../../consumers/index.js";
import {
  type Candidate,
  effectsOf,
  eventAt,
  explain as explainEvent,
  type Rerun,
  rerun,
} from "../../replay/index.js";
import { causeOf } from "../../replay/outputs/output.js";
import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { type Target, withBus } from "../bus-for.js";
import { command } from "../command.js";
import { consumersDir } from "../consumers/place.js";
import type { Context } from "../context.js";
import { exit } from "../exit.js";
import { candidateOptions, loadCandidate } from "../replay/candidate.js";
import { effectsText, explanationText, rerunText } from "../replay/render-explain.js";
import { ReplayBar } from "../replay/replay-progress.js";
import { parseCount } from "../units.js";

export const explain = command({
  positionals: { offset: { type: "string", demandOption: true, describe: "Of the event" } },
  options: {
    forward: { type: "boolean", default: false, describe: "What came of it" },
    run: {
      type: "boolean",
      default: false,
      describe: "Run what led to it once more: it must give the same bytes",
    },
    plugin: {
      type: "string",
      describe: "The plugin of the consumer that published it (default: what last ran)",
    },
    ...candidateOptions,
    limit: { type: "string", default: "10", describe: "Inputs that are listed" },
  },
  examples: [
    ["$0 explain 4719", "why is that alert there?"],
    ["$0 explain 4719 --run", "and would it come out again?"],
    ["$0 explain 12 --forward --json", "everything that came of an event, for a program"],
  ],
  async run(values, context) {
    const offset = parseCount("offset", values.offset);
    const limit = parseCount("--limit", values.limit);
    return await withBus(context.where, async (target) => {
      const { source } = target.bus;
      const { signal, json, out, colours } = context;
      const event = await eventAt(source, offset);
      if (event === undefined) throw gone(offset);
      const publisher = causeOf(event.envelope)?.consumer;
      const candidateFor = candidates(target, values, publisher, context);
      const explanation = (await explainEvent(source, offset, { candidateFor, limit, signal }))!;
      const effects = values.forward ? await effectsOf(source, offset, { signal }) : undefined;
      const again = values.run
        ? await runAgain(target, event, await publisherOf(event, candidateFor), context)
        : undefined;
      if (json) await out.json({ ...explanation, ...effects, ...(again && { run: again }) });
      else {
        await out.write(explanationText(explanation, colours));
        if (effects !== undefined) await out.write(effectsText(effects, offset, colours));
        if (again !== undefined) await out.write(rerunText(again, colours));
      }
      return again?.same === "no" ? exit.different : exit.ok;
    });
  },
});

function gone(offset: number): FedbusError {
  return new FedbusError("LOG_TRUNCATED", `event ${offset} was removed by retention`, {
    details: { offset },
  });
}

interface Given {
  readonly plugin: string | undefined;
  readonly config: string | undefined;
  readonly set: readonly string[];
}

type Known = Candidate & { readonly startAt?: number };

/** Plugins by the name that they run under, each loaded once. */
function candidates(
  { bus }: Target,
  given: Given,
  publisher: string | undefined,
  context: Context,
): (consumer: string) => Promise<Known | undefined> {
  const loaded = new Map<string, Promise<Known | undefined>>();
  const load = async (name: string): Promise<Known | undefined> => {
    const registration = await registrationOf(await consumersDir(bus, context), name);
    const isPublisher = name === publisher;
    const plugin = (isPublisher ? given.plugin : undefined) ?? registration?.path;
    if (plugin === undefined) return undefined;
    const settings = isPublisher ? given : { config: undefined, set: [] };
    const candidate = await loadCandidate(plugin, settings, { registration, ...context });
    return { ...candidate, ...(registration && { startAt: registration.startAt }) };
  };
  return (name) => {
    const known = loaded.get(name) ?? load(name);
    loaded.set(name, known);
    return known;
  };
}

async function registrationOf(dir: string, name: string) {
  try {
    return await (await existingHome(dir, name)).home.registration();
  } catch (error) {
    // A cause may name anything.
    if (isFedbusError(error, "CONSUMER_UNKNOWN") || isFedbusError(error, "OPTIONS_INVALID"))
      return undefined;
    throw error;
  }
}

/** The plugin that published the event. Rejects with INPUT_INVALID if no consumer did. */
async function publisherOf(
  { envelope, offset }: BusEvent,
  candidateFor: (consumer: string) => Promise<Known | undefined>,
): Promise<Known | undefined> {
  const consumer = causeOf(envelope)?.consumer;
  if (consumer === undefined)
    throw new FedbusError(
      "INPUT_INVALID",
      `event ${offset} is no consumer's output: there is nothing to run again`,
      { details: { offset } },
    );
  return await candidateFor(consumer);
}

async function runAgain(
  { bus }: Target,
  event: BusEvent,
  candidate: Known | undefined,
  context: Context,
): Promise<Rerun> {
  if (candidate === undefined)
    throw new FedbusError("PLUGIN_NOT_FOUND", `no plugin is known that published ${event.offset}`, {
      details: { offset: event.offset, remedy: "name it with --plugin" },
    });
  const bar = new ReplayBar(context, "running again");
  try {
    const dir = join(
      await consumersDir(bus, context),
      "consumers",
      ".explain",
      String(process.pid),
    );
    const { source } = bus;
    return await rerun(event, {
      ...{ ...candidate, source, dir, signal: context.signal },
      onProgress: bar.tell,
    });
  } finally {
    bar.stop();
  }
}
