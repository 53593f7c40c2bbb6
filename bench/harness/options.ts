import { statfsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Only the result, as one line of JSON. */
  readonly json: boolean;
  /** Less work and fewer rounds: to see that everything runs. */
  readonly quick: boolean;
  /** Where data is written; it decides what an fsync costs. Default: the system's folder for it. */
  readonly dir: string;
  /** Folder for the CPU profiles of fedbus's processes. Default: none are written. */
  readonly profile: string | undefined;
}

const usage = "Options: --quick  --json  --dir FOLDER (on a real disk)  --profile FOLDER";
const inMemory = 0x01021994;

export function readOptions(): BenchOptions {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        dir: { type: "string", default: tmpdir() },
        profile: { type: "string" },
      },
    });
    return { ...values, profile: values.profile };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

/** Whether files in `dir` live in memory, so that an fsync costs nothing. */
export function isInMemory(dir: string): boolean {
  return statfsSync(dir).type === inMemory;
}

/** Runs `work` with a new empty folder, which is removed after it. */
export async function withFolder(
  options: BenchOptions,
  work: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(options.dir, "fedbus-bench-"));
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
