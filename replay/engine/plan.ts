import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../bus/index.js";
import type { Consumer } from "../../consumers/index.js";
import { canonicalJson } from "../../schemas/canonical-json.js";
import { FedbusError } from "../../schemas/index.js";

/** What a replay runs, over which part of which log. It lies beside the store, as `plan.json`. */
export interface ReplayPlan {
  /** Made once for each replay that begins anew. */
  readonly id: string;
  readonly consumer: string;
  readonly version: string;
  /** SHA-256 of the configuration as canonical JSON, hex. */
  readonly configHash: string;
  /** SHA-256 of the plugin's code, hex (`LoadedPlugin.code`); absent if it came from no file. */
  readonly pluginHash?: string;
  readonly logId: string;
  /** The log's epoch when the replay was planned. */
  readonly epoch: number;
  /** Offsets: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** The log's time at the end of the range, ms since 1970; absent if the log does not tell it. */
  readonly time?: number;
}

/** What must be the same for a replay to go on where another one stopped. */
const lasting = ["consumer", "version", "configHash", "pluginHash", "logId", "from"] as const;

const fileName = "plan.json";
const format = 1;

/** The plan of the replay in `dir`; undefined if there is none. Rejects with STATE_CORRUPT. */
export async function readPlan(dir: string): Promise<ReplayPlan | undefined> {
  const path = join(dir, fileName);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    // One that cannot be read is not one that is not there.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
  try {
    const { format: found, ...plan } = JSON.parse(text) as ReplayPlan & { format: number };
    if (found === format) return plan;
  } catch {
    // As damaged as one of another format.
  }
  throw new FedbusError("STATE_CORRUPT", `${path} is damaged`, {
    details: { path, remedy: `remove ${dir}: a replay can always begin anew` },
  });
}

export async function writePlan(dir: string, plan: ReplayPlan): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeDurably(join(dir, fileName), `${JSON.stringify({ format, ...plan }, undefined, 2)}\n`);
}

/** Throws OPTIONS_INVALID unless what `before` has done is a beginning of what `wanted` is to do. */
export function checkGoesOn(dir: string, before: ReplayPlan, wanted: ReplayPlan): void {
  const other = lasting.filter((name) => before[name] !== wanted[name]);
  if (other.length === 0) return;
  throw new FedbusError(
    "OPTIONS_INVALID",
    `another replay lies in ${dir}: its ${other.join(", ")} differ`,
    { details: { dir, differ: other, remedy: `remove ${dir}, or take another directory` } },
  );
}

export function hashOfConfig(config: unknown): string {
  return createHash("sha256").update(canonicalJson(config)).digest("hex");
}

/**
 * The name of the directory of a replay that is asked for in these words: the same for the same
 * ones, so that asking again goes on with what was interrupted.
 */
export function replayId(
  { name, version }: Pick<Consumer, "name" | "version">,
  asked: Readonly<Record<string, unknown>>,
): string {
  const text = canonicalJson({ name, version, ...JSON.parse(JSON.stringify(asked)) });
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
