import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a running hub leaves in its log's directory, so that commands there find it. */
export interface HubFile {
  readonly pid: number;
  readonly url: string;
}

const nameOf = (dir: string): string => join(dir, "hub.json");

export async function writeHubFile(dir: string, file: HubFile): Promise<void> {
  const fresh = `${nameOf(dir)}.${file.pid}`;
  await writeFile(fresh, `${JSON.stringify(file)}\n`);
  await rename(fresh, nameOf(dir));
}

/** Unless another hub has written its own there. */
export async function removeHubFile(dir: string, pid: number): Promise<void> {
  if ((await readHubFile(dir))?.pid === pid) await rm(nameOf(dir), { force: true });
}

/** The hub that says it runs on this directory, if its process is alive. */
export async function readHubFile(dir: string): Promise<HubFile | undefined> {
  const text = await readFile(nameOf(dir), "utf8").catch(() => "{}");
  const { pid, url } = parse(text);
  return typeof url === "string" && typeof pid === "number" && isRunning(pid)
    ? { pid, url }
    : undefined;
}

function parse(text: string): Partial<HubFile> {
  try {
    return JSON.parse(text) as Partial<HubFile>;
  } catch {
    return {};
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
