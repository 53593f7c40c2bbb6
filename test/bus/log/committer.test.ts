import { join } from "node:path";
import t from "tap";
import { Committer } from "../../../bus/log/level/committer.js";
import { levelLogOptions } from "../../../bus/log/level/level-options.js";
import { LogCore } from "../../../bus/log/level/log-core.js";
import { openLog } from "../../../bus/log/level/open-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";

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
