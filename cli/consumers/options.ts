import type { SupervisorLimits } from "../../consumers/index.js";
import { parallelismMax } from "../../consumers/supervisor/preparation.js";
import type { Context } from "../context.js";
import { given, parseDuration, parseSize, wrongOption } from "../units.js";

/** Options of the command that runs consumers. */
export const consumerOptions = {
  name: { type: "string", describe: "Run it under this name (default: the plugin's own)" },
  set: {
    type: "string",
    array: true,
    default: [] as string[],
    describe: "One setting: NAME=VALUE (may be repeated)",
  },
  config: { type: "string", describe: "A file of settings, JSON" },
  parallelism: { type: "string", describe: "Processes that share the work by key" },
  from: {
    type: "string",
    describe: "Where a new consumer starts: earliest (default), live, an offset or a time",
  },
  once: {
    type: "boolean",
    default: false,
    describe: "Handle what is there by now, and end; several plugins one after the other",
  },
  env: {
    type: "string",
    array: true,
    default: [] as string[],
    describe: "Pass on an environment variable (may be repeated)",
  },
  heap: { type: "string", describe: "JavaScript memory of a process (default 512MiB)" },
  memory: { type: "string", describe: "All memory of a process (default 1GiB)" },
  watchdog: { type: "string", describe: "How long a process may be silent (default 30s)" },
} as const;

export interface LimitValues {
  readonly heap: string | undefined;
  readonly memory: string | undefined;
  readonly watchdog: string | undefined;
}

const mib = 2 ** 20;
/** Below this, the plugin is blamed for what the limit itself has done, MiB. */
const heapMbMin = 32;

/** The limits that the options name. Throws OPTIONS_INVALID. */
export function limitsFrom(values: LimitValues): Partial<SupervisorLimits> {
  const heapMbMax = given(values.heap, parseHeap);
  const rssBytesMax = given(values.memory, (text) => parseSize("--memory", text));
  const watchdogMs = given(values.watchdog, (text) => parseDuration("--watchdog", text));
  return {
    ...(heapMbMax === undefined ? {} : { heapMbMax }),
    ...(rssBytesMax === undefined ? {} : { rssBytesMax }),
    ...(watchdogMs === undefined ? {} : { watchdogMs }),
  };
}

function parseHeap(text: string): number {
  const heapMb = Math.ceil(parseSize("--heap", text) / mib);
  if (heapMb < heapMbMin)
    throw wrongOption("--heap", text, `${heapMbMin}MiB or more: with less no process gets to run`);
  return heapMb;
}

export function parallelismFrom(text: string | undefined): number | undefined {
  return given(text, (value) => {
    const wanted = `a whole number from 1 to ${parallelismMax}`;
    if (!/^\d{1,4}$/.test(value)) throw wrongOption("--parallelism", value, wanted);
    const count = Number(value);
    if (count < 1 || count > parallelismMax) throw wrongOption("--parallelism", value, wanted);
    return count;
  });
}

/** What processes of consumers need to find their way, and say nothing of anybody. */
const plain = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "TZ", "SystemRoot"];

/** The environment of consumers' processes: what is named, and little else. */
export function environmentFrom(
  names: readonly string[],
  { environment }: Context,
): Record<string, string> {
  const kept = [...plain, ...names].flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}
