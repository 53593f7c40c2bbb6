import fc from "fast-check";
import t from "tap";
import { StateStore } from "../../../consumers/index.js";
import { TimerQueue } from "../../../consumers/store/timer-queue.js";

/** What is done to a queue: a commit empties its changes into the store. */
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      set: fc.nat(40),
      group: fc.nat(2),
      key: fc.constantFrom("a", "b", "é"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      drop: fc.nat(40),
      group: fc.nat(2),
      key: fc.constantFrom("a", "b", "é"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ take: fc.nat(10) }) },
  { weight: 2, arbitrary: fc.constant({ commit: true }) },
  { weight: 1, arbitrary: fc.constant({ restart: true }) },
);

const inMemoryMax = 6;

t.test("timers: come out in order, each once, however few are held in memory", async (t) => {
  const root = t.testdir();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 80 }), async (actions) => {
      const store = await StateStore.open(`${root}/${runs++}`, { durable: false });
      let queue = new TimerQueue(1, inMemoryMax);
      const model = new Set<string>();
      const commit = async (): Promise<void> => {
        await store.commit(queue.operations(), {});
        if (queue.isFull) queue.shrink();
      };
      const sorted = () =>
        [...model]
          .map((id) => id.split(" ") as [string, string, string])
          .sort((a, b) => +a[0] - +b[0] || +a[1] - +b[1] || (a[2] < b[2] ? -1 : 1));
      try {
        for (const step of actions) {
          if ("set" in step) {
            queue.set(step.set, step.group, step.key);
            model.add(`${step.set} ${step.group} ${step.key}`);
          } else if ("drop" in step) {
            queue.delete(step.drop, step.group, step.key);
            model.delete(`${step.drop} ${step.group} ${step.key}`);
          } else if ("commit" in step) await commit();
          else if ("restart" in step) {
            await commit();
            queue = new TimerQueue(1, inMemoryMax);
            await queue.load(store);
          } else
            for (let left = step.take; left > 0 && model.size > 0; left--) {
              while (queue.mustLoad) {
                await commit();
                await queue.load(store);
              }
              const { at, group, key } = queue.take();
              const [expected] = sorted();
              t.strictSame([`${at}`, `${group}`, key], expected);
              model.delete(expected!.join(" "));
            }
        }
        if (model.size === 0 && queue.mustLoad) {
          await commit();
          while (queue.mustLoad) await queue.load(store);
        }
        t.equal(queue.first <= (sorted()[0] ? Number(sorted()[0]![0]) : Infinity), true);
      } finally {
        await store.close();
      }
    }),
    { numRuns: 60 },
  );
});

t.test("timers: one that is moved again and again leaves nothing behind in memory", async (t) => {
  const queue = new TimerQueue(1, inMemoryMax);
  queue.set(1, 0, "first");
  for (let at = 2; at < 50_000; at++) {
    queue.delete(at - 1, 0, "moved");
    queue.set(at, 0, "moved");
  }
  t.ok(queue.size < 5_000, `${queue.size} timers in memory`);
  t.equal(queue.take().key, "first");
  t.equal(queue.first, 49_999);
});
