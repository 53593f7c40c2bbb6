import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { currentOwner, isAlive, type Owner } from "../../bus/log/level/owner.js";
import { FedbusError } from "../../schemas/index.js";
import type { NamedHome } from "./folder.js";

const fileOf = ({ home }: NamedHome): string => join(home.dir, "supervisor.json");

/** The one process that may run a consumer, or change what it has stored. */
export interface Ownership {
  release(): Promise<void>;
}

/**
 * Takes the consumer for this process. Rejects with CONSUMER_IN_USE while another one has it. The
 * stores have locks of their own, so that even two that come at once cannot both run it.
 */
export async function takeOwnership(consumer: NamedHome): Promise<Ownership> {
  const path = fileOf(consumer);
  await mkdir(consumer.home.dir, { recursive: true });
  for (let tries = 0; ; tries++) {
    const written = await writeNew(path, JSON.stringify(await currentOwner()));
    if (written) return { release: () => rm(path, { force: true }) };
    const owner = await ownerOf(consumer);
    if (owner !== undefined || tries > 0) throw inUse(consumer, owner);
    await rm(path, { force: true });
  }
}

/** The living process that runs the consumer. */
export async function ownerOf(consumer: NamedHome): Promise<Owner | undefined> {
  const text = await readFile(fileOf(consumer), "utf8").catch(() => "");
  try {
    const owner = JSON.parse(text) as Owner;
    return (await isAlive(owner)) ? owner : undefined;
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
