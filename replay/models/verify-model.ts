import { rm } from "node:fs/promises";
import type { EventSource, Logger } from "../../bus/index.js";
import {
  isTraining,
  type ModelSettings,
  type ModelVersion,
  modelTopic,
  objectIn,
} from "../../consumers/index.js";
import { isCount, isSha256 } from "../../consumers/models/registry/model-version.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import type { ImpureUse } from "../determinism/impure-use.js";
import type { ReplayProgress } from "../engine/pace.js";
import { Replay } from "../engine/replay.js";
import { storedOutputs } from "../outputs/stored-outputs.js";
import type { Candidate } from "../whatif/options.js";
import {
  differencesOf,
  type LineageDifference,
  settingsDifferences,
} from "./lineage-differences.js";
import { isSameGraph } from "./same-graph.js";

export interface VerifyModelOptions extends Candidate {
  readonly source: EventSource;
  readonly model: ModelVersion;
  /** A directory of its own. What was interrupted in it is gone on with; it is removed at the end. */
  readonly dir: string;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly onImpure?: (use: ImpureUse) => void;
}

/** What came of training a model again. */
export interface ModelVerification {
  readonly name: string;
  readonly version: number;
  readonly sha256: string;
  /** Whether its file is in the log, with the bytes that its name says. */
  readonly file: "whole" | "missing" | "corrupt";
  /** Events that were handled again: offsets, `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  readonly events: number;
  /** The model that the retraining published at that place; absent: it published none. */
  readonly retrained?: { readonly sha256: string; readonly version: number };
  /** Why it published none, where it says so. */
  readonly rejected?: { readonly reason: string; readonly message: string };
  /** Whether the retrained file is the same, byte for byte. */
  readonly isSame: boolean;
  /** Whether what computes is the same, and only what the file says of itself differs; absent if not known. */
  readonly isSameGraph?: boolean;
  /** Causes before what follows from them. */
  readonly differences: readonly LineageDifference[];
}

/** What the retraining published for the event that completed the model. */
interface Found {
  readonly trained?: Readonly<Record<string, unknown>>;
  readonly rejected?: Readonly<Record<string, unknown>>;
}

/**
 * Trains a model again from the log, by the consumer that is given, up to the event that completed it, and
 * compares the files. Rejects with INPUT_INVALID for a model that no consumer of this log has trained,
 * with LOG_TRUNCATED if its events are gone, with AbortError, and as `Replay` does.
 */
export async function verifyModel(options: VerifyModelOptions): Promise<ModelVerification> {
  const { source, model, dir, signal } = options;
  const { from, to, consumer: name } = rangeOf(model);
  const settings = await settingsIn(options);
  const replay = await Replay.open({
    ...{ source, dir, from, to, consumer: { ...options.consumer, name } },
    ...given(options, ["config", "pluginHash", "logger", "signal", "onProgress", "onImpure"]),
  });
  let isDone = false;
  try {
    const { totals } = await replay.run();
    signal?.throwIfAborted();
    const events = totals.handled;
    const verification = await compare(replay, { ...options, settings }, { from, to, events });
    isDone = true;
    return verification;
  } finally {
    await replay.close();
    if (isDone) await rm(dir, { recursive: true, force: true });
  }
}

function rangeOf({ name, cause, lineage, origin }: ModelVersion) {
  const { from } = objectIn(lineage.offsets);
  if (origin === "trained" && cause !== undefined && isCount(from))
    return { from: Math.min(from, cause.offset), to: cause.offset + 1, consumer: cause.consumer };
  const remedy = "only what a consumer has trained from this log can be trained again";
  throw new FedbusError("INPUT_INVALID", `${name} does not say what it was trained from`, {
    details: { name, origin, remedy },
  });
}

/** How the candidate makes its models; undefined if it does not say. */
async function settingsIn({
  consumer,
  config,
}: VerifyModelOptions): Promise<ModelSettings | undefined> {
  return isTraining(consumer) ? await consumer.settings(config ?? {}, consumer.code) : undefined;
}

async function compare(
  replay: Replay,
  { source, model, settings }: VerifyModelOptions & { settings: ModelSettings | undefined },
  range: Pick<ModelVerification, "from" | "to" | "events">,
): Promise<ModelVerification> {
  const { name, version, sha256, lineage } = model;
  const stored = await fileOf(source, sha256);
  const about = { name, version, sha256, file: stored.file, ...range };
  const { trained, rejected } = await found(replay, model);
  if (trained === undefined || !isSha256(trained.sha256))
    return {
      ...about,
      ...(rejected && { rejected: told(rejected) }),
      isSame: false,
      differences: settings === undefined ? [] : settingsDifferences(lineage, settings),
    };
  const retrained = { sha256: trained.sha256, version: Number(trained.version) };
  const isSame = retrained.sha256 === sha256;
  const graph =
    stored.bytes === undefined
      ? {}
      : { isSameGraph: isSameGraph(stored.bytes, await replay.blobs.get(retrained.sha256)) };
  const differences = differencesOf(lineage, trained);
  return { ...about, retrained, isSame, ...graph, differences };
}

/** The model published for the same event; of several the one that is the same. */
async function found(replay: Replay, { name, sha256, cause }: ModelVersion): Promise<Found> {
  const found: { -readonly [Key in keyof Found]: Found[Key] } = {};
  for await (const output of storedOutputs(replay.store)) {
    if (output.cause.offset !== cause!.offset) continue;
    const { topic, msg } = output.envelope;
    const body = objectIn(msg);
    if (topic === modelTopic(name, "rejected")) found.rejected = body;
    if (topic !== modelTopic(name, "trained")) continue;
    if (found.trained?.sha256 !== sha256) found.trained = body;
  }
  return found;
}

async function fileOf(
  source: EventSource,
  sha256: string,
): Promise<{ readonly file: ModelVerification["file"]; readonly bytes?: Buffer }> {
  try {
    return { file: "whole", bytes: await source.blobs.get(sha256) };
  } catch (error) {
    if (isFedbusError(error, "BLOB_NOT_FOUND")) return { file: "missing" };
    if (isFedbusError(error, "BLOB_CORRUPT")) return { file: "corrupt" };
    throw error;
  }
}

function told({ reason, message }: Readonly<Record<string, unknown>>) {
  return { reason: String(reason), message: typeof message === "string" ? message : "" };
}

/** The members that are there. */
function given<From extends object, Key extends keyof From>(
  from: From,
  keys: readonly Key[],
): { [K in Key]?: Exclude<From[K], undefined> } {
  const there = keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]);
  return Object.fromEntries(there) as { [K in Key]?: Exclude<From[K], undefined> };
}
