import { existsSync } from "node:fs";
import { connect as dial } from "node:net";
import { readHubFile } from "../../bus/hub/hub-file.js";
import type { Where } from "../config.js";

/** How long a hub at the default address may take to answer before it counts as none. */
const probeMsMax = 1_000;

/**
 * The address of the hub at `where`: the one that is named, or that runs on the directory. Where
 * nothing is named and the default directory is not there, as in a folder below the log's: the hub at
 * the default address if one answers, and the user is told.
 */
export async function findHub(where: Where): Promise<string | undefined> {
  const url = where.hub ?? (await readHubFile(where.dir))?.url;
  if (url !== undefined || where.fallback === undefined || existsSync(where.dir)) return url;
  const { url: fallback, tell } = where.fallback;
  if (!(await answers(fallback))) return undefined;
  await tell(fallback);
  return fallback;
}

async function answers(url: string): Promise<boolean> {
  // A socket of the bus would wait for a listener to come.
  if (!(await listens(new URL(url)))) return false;
  const { connect } = await import("../../bus/client/connect.js");
  try {
    await (await connect(url, { timeoutMs: probeMsMax })).close();
    return true;
  } catch {
    // Whatever listens there, it is no hub for us.
    return false;
  }
}

function listens({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ host: hostname, port: Number(port), timeout: probeMsMax });
    const end = (found: boolean): void => {
      socket.destroy();
      resolve(found);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false));
  });
}
