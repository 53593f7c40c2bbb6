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
