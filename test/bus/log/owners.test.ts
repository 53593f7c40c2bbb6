import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { kill, startAppender } from "./child.js";

const options = { ballastBytes: 0 } as const;

function dropOwner(dir: string): void {
  const path = join(dir, "log.json");
  const { owner: _, ...state } = JSON.parse(readFileSync(path, "utf8"));
  // At once: an owner that reads it half written ends, and lets everybody in.
  writeFileSync(`${path}.other`, JSON.stringify(state));
  renameSync(`${path}.other`, path);
}

function dropLock(dir: string, database: string): void {
  rmSync(join(dir, database, "LOCK"));
}

t.test("owners: the same process is refused a second time, and after close let in", async (t) => {
  const dir = join(t.testdir(), "log");
  const log = await LevelLog.open(dir, options);
  await t.rejects(LevelLog.open(dir, options), {
    code: "LOG_IN_USE",
    details: { pid: process.pid },
  });
  await log.append([draftOf([["a", 1]])]);
  await log.close();
  await (await LevelLog.open(dir, options)).close();
});

t.test("owners: another process is kept out, whichever one guard was removed", async (t) => {
  const base = t.testdir();
  const guards: Record<string, (dir: string) => void> = {
    none: () => {},
    "both LOCK files": (dir) => {
      dropLock(dir, "blocks");
      dropLock(dir, "index");
    },
    "the owner in log.json": dropOwner,
    "the owner and the LOCK of the blocks": (dir) => {
      dropOwner(dir);
      dropLock(dir, "blocks");
    },
    "the owner and the LOCK of the index": (dir) => {
      dropOwner(dir);
      dropLock(dir, "index");
    },
  };
  let refused = 0;
  for (const [name, remove] of Object.entries(guards)) {
    const dir = join(base, name.replaceAll(" ", "-"));
    const child = await startAppender(dir, `${dir}.oracle`);
    try {
      remove(dir);
      await t.rejects(LevelLog.open(dir, options), { code: "LOG_IN_USE" }, name);
      refused++;
    } finally {
      await kill(child);
    }
    await (await LevelLog.open(dir, options)).close();
  }
  t.comment(`${refused} of ${Object.keys(guards).length} second owners refused`);
});

t.test("owners: with every guard removed, the older owner stops by itself", async (t) => {
  const dir = join(t.testdir(), "log");
  const child = await startAppender(dir, `${dir}.oracle`);
  try {
    for (const database of ["blocks", "index"]) dropLock(dir, database);
    dropOwner(dir);
    const ended = new Promise<string>((resolve) => {
      child.stderr?.on("data", (text: string) => {
        if (text.includes("LOG_FENCED")) resolve("LOG_FENCED");
      });
    });
    await using log = await LevelLog.open(dir, { ...options, acceptLoss: true });
    t.ok(log.epoch > 0);
    t.equal(await ended, "LOG_FENCED");
  } finally {
    await kill(child);
  }
});

t.test("owners: an append after another took over is fenced, and so are all later", async (t) => {
  const dir = join(t.testdir(), "log");
  await using log = await LevelLog.open(dir, options);
  await log.append([draftOf([["a", 1]])]);
  const path = join(dir, "log.json");
  const state = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...state, epoch: state.epoch + 1 }));
  await t.rejects(log.append([draftOf([["a", 2]])]), { code: "LOG_FENCED" });
  writeFileSync(path, JSON.stringify(state));
  await t.rejects(log.append([draftOf([["a", 2]])]), { code: "LOG_FENCED" });
});

t.test("owners: one that was killed leaves nothing in the way", async (t) => {
  const dir = join(t.testdir(), "log");
  const child = await startAppender(dir, `${dir}.oracle`);
  await kill(child);
  await using log = await LevelLog.open(dir, options);
  t.ok(log.epoch > 0);
});
