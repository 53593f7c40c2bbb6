import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { showBytes } from "../render/amounts.js";
import { type Finding, fail, ok, warn } from "./finding.js";

const freeBytesWanted = 1e9;
const freeBytesMin = 64 * 2 ** 20;

/** Whether a log can be kept in `dir`, which need not exist yet. */
export async function checkDirectory(dir: string): Promise<Finding[]> {
  const existing = await nearestExisting(dir);
  return [await checkWritable(existing, dir), await checkSpace(existing)];
}

async function nearestExisting(dir: string): Promise<string> {
  for (let path = dir; ; path = dirname(path)) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there || path === dirname(path)) return path;
  }
}

async function checkWritable(existing: string, dir: string): Promise<Finding> {
  const state = existing === dir ? "is writable" : "can be made";
  try {
    await access(existing, constants.W_OK);
    return ok("directory", `${dir} ${state}`);
  } catch {
    return fail("directory", `${existing} is not writable`, "name another place with --dir");
  }
}

async function checkSpace(path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const text = `${showBytes(free)} free`;
  if (free < freeBytesMin)
    return fail("disk", text, "free some space: hubs refuse events below 64 MiB");
  return free < freeBytesWanted
    ? warn("disk", text, "free some space, or keep less with `fedbus hub --keep-bytes`")
    : ok("disk", text);
}
