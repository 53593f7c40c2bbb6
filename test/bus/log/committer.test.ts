import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Committer } from "../../../bus/log/level/committer.js";
import { levelLogOptions } from "../../../bus/log/level/level-options.js";
import { LogCore } from "../../../bus/log/level/log-core.js";
import { openLog } from "../../../bus/log/level/open-log.js";
import { repairLog } from "../../../bus/log/level/repair-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { filesOf } from "./damage.js";

async function open(dir: string): Promise<{ core: LogCore; committer: Committer }> {
  const options = levelLogOptions({ ballastBytes: 0, freeBytesMin: 0 });
  const core = new LogCore(await openLog(dir, options), options);
  return { core, committer: new Committer(core) };
}

async function close({ committer, core }: Awaited<ReturnType<typeof open>>): Promise<void> {
  await committer.close();
  await core.storage.close();
  core.opened.witness.close();
  await core.opened.file.release();
}

t.test("committer: a head that cannot be noted costs no event and no answer", async (t) => {
  const log = await open(join(t.testdir(), "log"));
  const { core, committer } = log;
  let woken = 0;
  void core.watch.next().then(() => woken++);
  core.opened.witness.write = () => {
    throw Object.assign(new Error("EIO: i/o error, write"), { code: "EIO" });
  };
  const [block] = await committer.append([draftOf([["a", 1]])]);
  t.equal(block?.firstOffset, 0);
  await core.storage.index.settled();
  t.same([core.head, core.storage.index.meta.applied, woken], [1, 1, 1]);
  await close(log);
});

t.test("committer: a failed index refuses the next append and is made up", async (t) => {
  const log = await open(join(t.testdir(), "log"));
  const { core, committer } = log;
  const failed = core.storage;
  await committer.append([draftOf([["a", 1]])]);
  await t.rejects(failed.index.enqueue(() => Promise.reject(new Error("EIO"))));
  await t.rejects(committer.append([draftOf([["a", 2]])]), { code: "LOG_WRITE_FAILED" });
  t.equal(core.head, 1);
  await core.reopening;
  t.not(core.storage, failed);
  const [block] = await committer.append([draftOf([["a", 3]])]);
  t.equal(block?.firstOffset, 1);
  await core.storage.index.settled();
  t.equal(core.storage.index.meta.events, 2);
  await close(log);
});

t.test("committer: a failed change to blocks refuses appends at once", async (t) => {
  const log = await open(join(t.testdir(), "log"));
  const { core, committer } = log;
  await committer.append([draftOf([["a", 1]])]);
  const changing = committer.change(core.storage, () => Promise.reject(new Error("EIO")));
  const behind = committer.append([draftOf([["a", 2]])]);
  await t.rejects(changing, { code: "LOG_WRITE_FAILED" });
  t.throws(() => core.checkWritable(), { code: "LOG_WRITE_FAILED" });
  await t.rejects(behind, { code: "LOG_WRITE_FAILED" });
  await core.reopening;
  t.equal((await committer.append([draftOf([["a", 3]])]))[0]?.firstOffset, 1);
  await close(log);
});

t.test("committer: a loss found while opening again can be repaired from", async (t) => {
  const dir = join(t.testdir(), "log");
  const log = await open(dir);
  const { core, committer } = log;
  for (let n = 0; n < 200; n++) await committer.append([draftOf([["a", { n }]])]);
  const [path] = filesOf(dir, "blocks", ".log");
  const bytes = readFileSync(path!);
  // LevelDB drops the whole 32 KiB that a bad record lies in.
  bytes[100] = bytes[100]! ^ 1;
  writeFileSync(path!, bytes);
  await committer.reopen(new Error("EIO"));
  t.equal(core.stopped?.code, "LOG_CORRUPT");
  t.ok(existsSync(join(dir, "kept-writes")));
  await close(log);
  const { lost } = await repairLog(dir);
  const count = lost.reduce((sum, { from, to }) => sum + to - from, 0);
  t.ok(count <= 2, `${count} of 200 events are lost`);
});

t.test("committer: a change to blocks does not wait for the log to open again", async (t) => {
  const log = await open(join(t.testdir(), "log"));
  const { core, committer } = log;
  const { storage } = core;
  storage.blocks.commit = () => Promise.reject(new Error("EIO"));
  const appended = committer.append([draftOf([["a", 1]])]);
  const change = () => committer.change(storage, async () => t.fail("it ran"));
  const waiting = change();
  // The log cannot be opened again until this is taken back.
  core.opened.witness.read = () => {
    throw new Error("EIO");
  };
  await t.rejects(waiting, { code: "LOG_WRITE_FAILED" });
  await t.rejects(change(), { code: "LOG_WRITE_FAILED" });
  core.opened.witness.read = () => undefined;
  await t.rejects(appended, { code: "LOG_WRITE_FAILED" });
  t.not(core.storage, storage);
  await close(log);
});
