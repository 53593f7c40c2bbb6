import { completeConfig, loadPlugin, type Registration } from "../../consumers/index.js";
import type { Candidate } from "../../replay/index.js";
import { readSettings, withAssignments } from "../consumers/settings.js";
import type { Context } from "../context.js";
import { given } from "../units.js";

/** Options of commands that run a plugin over history. */
export const candidateOptions = {
  config: {
    type: "string",
    describe: "A file of settings, JSON (default: those it last ran with)",
  },
  set: {
    type: "string",
    array: true,
    default: [] as string[],
    describe: "One setting: NAME=VALUE (may be repeated)",
  },
} as const;

export interface CandidateValues {
  readonly config: string | undefined;
  readonly set: readonly string[];
}

/** A plugin that was loaded, to be replayed, and the settings as they were given. */
export interface LoadedCandidate extends Candidate {
  readonly path: string;
  readonly settings: unknown;
}

/**
 * Loads a plugin into this process. Without settings of its own it gets those that the consumer last
 * ran with. Rejects with PLUGIN_NOT_FOUND, PLUGIN_INVALID and OPTIONS_INVALID.
 */
export async function loadCandidate(
  plugin: string,
  { config, set }: CandidateValues,
  { registration, cwd }: { readonly registration: Registration | undefined } & Pick<Context, "cwd">,
): Promise<LoadedCandidate> {
  const { consumer, path, code } = await loadPlugin(plugin, { from: cwd });
  const base = (await given(config, readSettings)) ?? registration?.config ?? {};
  const settings = withAssignments(base as Record<string, unknown>, set, consumer.config);
  return {
    consumer,
    path,
    settings,
    config: completeConfig(consumer, settings),
    pluginHash: code,
  };
}
