import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));
const installTimeoutMs = 180_000;

/** Python with some packages, or why there is none. */
export interface Python {
  readonly skip: string | false;
  /** Where the packages are: what PYTHONPATH names. */
  readonly folder: string;
  /** What a program, given as text, prints. Rejects if it fails. */
  run(program: string, ...args: readonly string[]): Promise<string>;
}

/**
 * Python 3 with these packages (`onnx==1.23.2`), which pip installs the first time into a folder of the
 * checkout that git does not see.
 */
export async function pythonWith(...packages: readonly string[]): Promise<Python> {
  const folder = `${cache}/python-${packages.join("-").replaceAll("==", "-")}`;
  return {
    skip: await install(packages, folder),
    folder,
    run: (...args) => runIn(folder, ...args),
  };
}

async function runIn(folder: string, program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" };
  return (await run("python3", ["-c", program, ...args], { env })).stdout;
}

async function install(packages: readonly string[], folder: string): Promise<string | false> {
  if (existsSync(folder)) return false;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(`${cache}/python-`);
  try {
    const args = ["-m", "pip", "install", "--quiet", "--target", fresh, ...packages];
    await run("python3", args, { timeout: installTimeoutMs });
    // Two tests may do this at once: the first one's folder stays.
    await rename(fresh, folder).catch(() => {});
    return false;
  } catch (error) {
    const [why = ""] = String((error as { stderr?: unknown }).stderr ?? error).split("\n");
    return `pip cannot install ${packages.join(", ")}: ${why}`;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
