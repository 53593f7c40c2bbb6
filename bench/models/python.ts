import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** Longest that pip may take to fetch and install what is compared with. */
const installMs = 240_000;

/** Python with packages, or why there is none. */
export type Python =
  | { readonly run: (script: string, input?: Buffer) => Promise<string> }
  | { readonly missing: string };

/**
 * Python 3 with `packages`, which pip installs into a folder of their own under the system's
 * folder for temporary files, once for all runs. One thread, so that times can be compared.
 */
export async function pythonWith(...packages: readonly string[]): Promise<Python> {
  const folder = join(tmpdir(), `fedbus-python-${packages.join("-").replaceAll(/[^\w.-]/g, "_")}`);
  try {
    if (!existsSync(folder)) await install(packages, folder);
    return { run: (script, input) => run(["-c", script], folder, input) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { missing: `no Python with ${packages.join(", ")}: ${why.slice(-200)}` };
  }
}

/** In a folder beside, which is renamed, so that nobody finds half of it. */
async function install(packages: readonly string[], folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    const target = ["--target", partial, "--quiet", "--disable-pip-version-check"];
    await run(["-m", "pip", "install", ...target, ...packages], "", undefined, installMs);
    // Another process may have been faster: then its folder stays.
    await rename(partial, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function run(
  args: readonly string[],
  folder: string,
  input?: Buffer,
  timeout?: number,
): Promise<string> {
  const env = { ...process.env, PYTHONPATH: folder, OMP_NUM_THREADS: "1" };
  const child = spawn("python3", args, { env, timeout });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // A script that ends before it has read everything is told by its status.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [output, complaint, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  if (status !== 0) throw new Error(complaint.trim() || `python3 ended with ${status}`);
  return output;
}
