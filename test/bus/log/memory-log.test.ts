import t from "tap";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { eventLogSuite } from "../../../bus/testing/event-log-suite.js";

eventLogSuite(t, { open: async (clock) => new MemoryLog({ clock }) });

t.test("memory log: the oldest blocks go when it is full, the newest never", async (t) => {
  const log = new MemoryLog({ bytesMax: 1_000 });
  for (let index = 0; index < 100; index++) await log.append([draftOf([["a", index]])]);
  const { bytes, blocks } = await log.stats();
  t.ok(bytes <= 1_000);
  t.equal(log.first, 100 - blocks);
  const tiny = new MemoryLog({ bytesMax: 1 });
  await tiny.append([draftOf([["a", 1]])]);
  await tiny.append([draftOf([["a", 2]])]);
  t.same([tiny.first, tiny.head], [1, 2]);
});

t.test("memory log: unknown options are refused, all of them named", async (t) => {
  const wrong = { bytesMax: -1, size: 3 } as object;
  t.throws(() => new MemoryLog(wrong), {
    code: "OPTIONS_INVALID",
    details: { problems: ["bytesMax must be a whole number, 0 or more", "size is not an option"] },
  });
});

t.test("memory log: producers of one life are forgotten with their last event", async (t) => {
  await using log = new MemoryLog();
  const ids = ["anonymous-1", "anonymous-2", "named"];
  for (const [index, id] of [...ids, "anonymous-2"].entries())
    await log.append([draftOf([["a", 1]], [{ id, epoch: 1, seq: index, count: 1, at: 0 }])]);
  await log.openProducer("anonymous-3");
  await log.trim({ before: 3 });
  const left = await Promise.all([...ids, "anonymous-3"].map((id) => log.producer(id)));
  t.same(
    left.map((state) => state?.id),
    [undefined, "anonymous-2", "named", "anonymous-3"],
  );
  t.equal(left[1]?.answers.length, 2);
});
