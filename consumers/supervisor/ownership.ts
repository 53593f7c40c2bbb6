import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { currentOwner, isAlive, type Owner } from "../../bus/storage/owner.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import type { NamedHome } from "./folder.js";

const fileOf = ({ home }: NamedHome): string => join(home.dir, "supervisor.json");

/** The one process that may run a consumer, or change what it has stored. */
export interface Ownership {
  release(): Promise<void>;
  /** Makes it another process's, which then releases it. */
  handOver(to: Owner): Promise<void>;
}

/** How long to wait for another process, since most have a consumer for a moment only, ms. */
const waitMs = 2_000;
const periodMs = 20;

/**
 * Takes the consumer for this process. Rejects with CONSUMER_IN_USE if another one keeps it. The
 * stores have locks of their own, so that even two that come at once cannot both run it.
 */
export async function takeOwnership(consumer: NamedHome): Promise<Ownership> {
  const path = fileOf(consumer);
  await mkdir(consumer.home.dir, { recursive: true });
  const text = JSON.stringify(await currentOwner());
  for (let waitedMs = 0; ; waitedMs += periodMs) {
    if (await writeNew(path, text)) return handedTo(consumer);
    const owner = await noted(consumer);
    const isOver = owner === undefined ? waitedMs >= waitMs / 2 : !(await isAlive(owner));
    // A file that is being written says nothing yet; one that stays so is of the dead.
    if (isOver) await rm(path, { force: true });
    else if (waitedMs >= waitMs) throw inUse(consumer, owner);
    else await sleep(periodMs);
  }
}

/** As `takeOwnership`, but waits for as long as another process has the consumer, or until `signal` aborts. */
export async function takeInTime(consumer: NamedHome, signal: AbortSignal): Promise<Ownership> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await takeOwnership(consumer);
    } catch (error) {
      if (!isFedbusError(error, "CONSUMER_IN_USE")) throw error;
    }
  }
}

/** What this process has been handed by the one that had it. */
export function handedTo(consumer: NamedHome): Ownership {
  const path = fileOf(consumer);
  return {
    release: () => rm(path, { force: true }),
    async handOver(to) {
      const fresh = `${path}.${process.pid}`;
      await writeFile(fresh, JSON.stringify(to));
      await rename(fresh, path);
    },
  };
}

/** The living process that runs the consumer. */
export async function ownerOf(consumer: NamedHome): Promise<Owner | undefined> {
  const owner = await noted(consumer);
  return owner !== undefined && (await isAlive(owner)) ? owner : undefined;
}

/** Who says to have it, alive or not; undefined if the file says nothing. */
async function noted(consumer: NamedHome): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(consumer), "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, "wx");
    await handle.writeFile(text);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

function inUse({ name }: NamedHome, owner: Owner | undefined): FedbusError {
  const by = owner === undefined ? "another process" : `process ${owner.pid}`;
  return new FedbusError("CONSUMER_IN_USE", `the consumer ${name} is run by ${by}`, {
    details: {
      name,
      ...(owner === undefined ? {} : { pid: owner.pid }),
      remedy: "end it there first, or run this one under another --name",
    },
  });
}

/** Why a consumer cannot be lent. */
export function keptFrom(name: string, why: string): FedbusError {
  return new FedbusError("CONSUMER_IN_USE", `the consumer ${name} cannot be lent: ${why}`, {
    details: { name, remedy: `\`fedbus consumers pause ${name}\`, and try again` },
  });
}
