import t from "tap";
import { Committer } from "../../../bus/broker/committer.js";
import { FedbusError } from "../../../schemas/errors.js";
import { draftOf } from "../batches.js";
import { SteeredLog } from "../steered-log.js";
import { settle } from "../turns.js";

const run = (seq: number) => ({ id: "p", epoch: 1, seq });

t.test("committer: what arrives while one commit runs goes into the next one", async (t) => {
  const log = new SteeredLog();
  const committer = new Committer(log);
  log.hold();
  const first = [committer.commit(draftOf(1, run(0))), committer.commit(draftOf(2, run(1)))];
  await settle();
  const second = [3, 4, 5].map((seq) => committer.commit(draftOf(1, run(seq))));
  await settle();
  t.same(log.appends, [3], "drafts of one turn share a commit, and only one commit runs");
  log.release();
  t.same(await Promise.all(first), [0, 1]);
  t.same(await Promise.all(second), [3, 4, 5]);
  t.same(log.appends, [3, 3]);
});

t.test("committer: offsets run on over the drafts of one commit", async (t) => {
  const log = new SteeredLog();
  const committer = new Committer(log);
  const counts = [3, 1, 700, 700, 2];
  const offsets = await Promise.all(
    counts.map((count, at) => committer.commit(draftOf(count, run(at)))),
  );
  t.same(offsets, [0, 3, 4, 704, 1404]);
  t.equal(log.head, 1406);
});

t.test(
  "committer: a failed commit fails everything behind it, and what comes later is stored",
  async (t) => {
    const log = new SteeredLog();
    const told: string[] = [];
    const committer = new Committer(log, { onFailed: () => told.push("owner") });
    log.hold();
    log.failNext(new FedbusError("LOG_WRITE_FAILED", "no"));
    const failing = [committer.commit(draftOf(1, run(0)))];
    await settle();
    failing.push(committer.commit(draftOf(1, run(1))), committer.commit(draftOf(1, run(2))));
    for (const promise of failing) promise.catch(() => told.push("caller"));
    log.release();
    for (const promise of failing) await t.rejects(promise, { code: "LOG_WRITE_FAILED" });
    t.same(told, ["owner", "caller", "caller", "caller"], "the owner is told before any caller");
    t.equal(log.head, 0);
    t.equal(await committer.commit(draftOf(1, run(3))), 0);
  },
);

t.test("committer: an unexpected failure comes out as INTERNAL with its cause", async (t) => {
  const log = new SteeredLog();
  const committer = new Committer(log);
  const cause = new Error("boom");
  log.failNext(cause);
  await t.rejects(committer.commit(draftOf(1, run(0))), { code: "INTERNAL", cause });
});

t.test("committer: room waits at the bound and not one byte below it", async (t) => {
  const draft = draftOf(1, run(0));
  for (const [pendingBytesMax, waits] of [
    [draft.body.length + 1, false],
    [draft.body.length, true],
    [draft.body.length - 1, true],
  ] as const) {
    const log = new SteeredLog();
    const committer = new Committer(log, { pendingBytesMax });
    log.hold();
    const commit = committer.commit(draft);
    let roomy = false;
    const room = committer.room().then(() => {
      roomy = true;
    });
    await settle();
    t.equal(roomy, !waits, `bound ${pendingBytesMax}, waiting ${draft.body.length}`);
    log.release();
    await Promise.all([commit, room]);
  }
});

t.test("committer: a failed commit gives its room back", async (t) => {
  const log = new SteeredLog();
  const draft = draftOf(1, run(0));
  const committer = new Committer(log, { pendingBytesMax: 1 });
  log.hold();
  log.failNext(new FedbusError("LOG_DISK_LOW", "no"));
  const failing = [committer.commit(draft)];
  await settle();
  failing.push(committer.commit(draft));
  for (const promise of failing) promise.catch(() => {});
  const room = committer.room();
  log.release();
  await room;
  for (const promise of failing) await t.rejects(promise, { code: "LOG_DISK_LOW" });
});

t.test(
  "committer: one commit takes no more bytes than its bound, but always one draft",
  async (t) => {
    const draft = draftOf(1, run(0));
    for (const [commitBytesMax, appends] of [
      [draft.body.length * 2, [2, 2]],
      [draft.body.length * 2 - 1, [1, 1, 1, 1]],
      [1, [1, 1, 1, 1]],
    ] as const) {
      const log = new SteeredLog();
      const committer = new Committer(log, { commitBytesMax });
      await Promise.all([0, 1, 2, 3].map(() => committer.commit(draft)));
      t.same(log.appends, appends, `bound ${commitBytesMax}`);
    }
  },
);

t.test("committer: idle resolves when nothing waits and nothing is being written", async (t) => {
  const log = new SteeredLog();
  const committer = new Committer(log);
  await committer.idle();
  log.hold();
  const commit = committer.commit(draftOf(1, run(0)));
  let idle = false;
  const waiting = committer.idle().then(() => {
    idle = true;
  });
  await settle();
  t.equal(idle, false);
  log.release();
  await Promise.all([commit, waiting]);
});
