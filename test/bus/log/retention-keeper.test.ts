import { EventEmitter, once } from "node:events";
import t from "tap";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import type { TrimOptions } from "../../../bus/log/retention.js";
import { RetentionKeeper } from "../../../bus/log/retention-keeper.js";
import { draftOf } from "../../../bus/testing/drafts.js";

// A keeper alone does not keep a process going.
const going = setInterval(() => {}, 1_000);
t.teardown(() => clearInterval(going));

t.test("retention: rules are applied at start and again after every pause", async (t) => {
  const log = new MemoryLog();
  const rounds = new EventEmitter();
  const trim = async (options: TrimOptions) => {
    const result = await log.trim(options);
    rounds.emit("trim");
    return result;
  };
  for (let index = 0; index < 5; index++)
    await log.append([
      draftOf([
        ["a", index],
        ["b", index],
      ]),
    ]);
  const started = once(rounds, "trim");
  await using keeper = new RetentionKeeper({ trim }, [{ countMax: 4 }], { retentionIntervalMs: 5 });
  await started;
  t.equal(log.first, 6);
  await log.append([
    draftOf([
      ["a", 9],
      ["b", 9],
    ]),
  ]);
  await once(rounds, "trim");
  await keeper.round();
  t.equal(log.first, 8);
});

t.test("retention: a rule that fails keeps no other from being applied", async (t) => {
  const log = new MemoryLog();
  await log.append([draftOf([["a", 1]]), draftOf([["a", 2]])]);
  const warnings: string[] = [];
  const logger = {
    debug: () => {},
    info: () => {},
    error: () => {},
    warn: (_: object, message: string) => warnings.push(message),
  };
  const rules = [{ pattern: "not..one", countMax: 0 }, { countMax: 1 }];
  await using keeper = new RetentionKeeper(log, rules, { logger, retentionIntervalMs: 1e6 });
  await keeper.round();
  t.equal(log.first, 1);
  t.ok(warnings.length > 0);
  await keeper.close();
  await keeper.close();
});
