import { spawnSync } from "node:child_process";
import { join } from "node:path";
import t, { type Test } from "tap";
import { file } from "../../../../consumers/sinks/file/file.js";
import { isFedbusError } from "../../../../schemas/errors.js";
import { deliveries, neverAborted } from "../deliveries.js";
import { offsetsIn, range } from "./contents.js";

function mount(options: string, at: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", at]).status === 0;
}

t.test("file: on a full disk nothing is lost or doubled, and it goes on with room", async (t) => {
  const dir = join(t.testdir({ disk: {} }), "disk");
  if (process.platform !== "linux" || !mount("size=256k", dir))
    return t.comment("skipped: mounting a small disk is not allowed here");
  try {
    const next = await deliverOverFull(t, dir);
    t.strictSame(await offsetsIn(dir), range(0, next));
  } finally {
    spawnSync("umount", ["-l", dir]);
  }
});

/** Delivers 3,000 events or so to a disk that is made larger once it has been full three times. */
async function deliverOverFull(t: Test, dir: string): Promise<number> {
  await using files = file({ dir, fileBytesMax: 50_000 });
  let next = 0;
  let refused = 0;
  while (next < 3000) {
    const size = 1 + ((next * 7) % 90);
    try {
      await files.deliver(deliveries(next, next + size), neverAborted);
      next += size;
    } catch (error) {
      if (!isFedbusError(error, "DELIVERY_FAILED")) throw error;
      t.match(error.details, { code: "ENOSPC" });
      t.equal(error.retryable, true);
      if (++refused === 3) mount("remount,size=4m", dir);
    }
  }
  t.equal(refused, 3);
  return next;
}
