import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** How to talk to the process that runs a consumer: for whoever may read the consumer's files. */
export interface ControlFile {
  /** On loopback. */
  readonly port: number;
  /** What a request must know. */
  readonly token: string;
}

const fileIn = (dir: string): string => join(dir, "control.json");

/** Writes it where only this user can read it. */
export async function writeControlFile(dir: string, file: ControlFile): Promise<void> {
  const path = fileIn(dir);
  const fresh = `${path}.${process.pid}`;
  await rm(fresh, { force: true });
  const handle = await open(fresh, "wx", 0o600);
  await handle.writeFile(`${JSON.stringify(file)}\n`);
  await handle.close();
  await rename(fresh, path);
}

export async function removeControlFile(dir: string): Promise<void> {
  await rm(fileIn(dir), { force: true });
}

/** Undefined where nobody can be talked to. */
export async function readControlFile(dir: string): Promise<ControlFile | undefined> {
  try {
    const { port, token } = JSON.parse(await readFile(fileIn(dir), "utf8")) as ControlFile;
    return typeof port === "number" && typeof token === "string" ? { port, token } : undefined;
  } catch {
    return undefined;
  }
}
