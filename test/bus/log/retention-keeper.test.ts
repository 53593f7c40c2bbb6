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

t.test("retention: nor does one that is set ahead while a trim waits for its turn", async (t) => {
  let wall = 1_700_000_000_000;
  const clock = (): number => wall;
  const log = new MemoryLog({ clock });
  await log.append([draftOf([["a", 1]])]);
  const trim = (options: TrimOptions) => {
    wall += 3_600_000;
    return log.trim(options);
  };
  const rule = { ageMsMax: 1_000 };
  await using keeper = new RetentionKeeper({ trim }, [rule], { clock, retentionIntervalMs: 1e6 });
  await keeper.round();
  t.equal(log.first, 0);
});

t.test("retention: a clock set ahead removes nothing before its time", async (t) => {
  const hourMs = 3_600_000;
  const time = { wall: 1_700_000_000_000, monotonic: 0 };
  const clock = (): number => time.wall;
  const pass = (ms: number): void => {
    time.wall += ms;
    time.monotonic += ms;
  };
  const log = new MemoryLog({ clock });
  const append = () => log.append([draftOf([["a", 1]])]);
  await append();
  await using keeper = new RetentionKeeper(log, [{ ageMsMax: hourMs }], {
    retentionIntervalMs: 1e6,
    clock,
    monotonic: () => time.monotonic,
  });
  const roundsLeave = async (first: number, why: string): Promise<void> => {
    await keeper.round();
    t.equal(log.first, first, why);
  };
  time.wall += 5 * hourMs;
  await roundsLeave(0, "set five hours ahead");
  time.wall -= 6 * hourMs;
  await append();
  await roundsLeave(0, "set back behind the start");
  time.wall += hourMs;
  await roundsLeave(0, "set right");
  pass(hourMs);
  await roundsLeave(0, "just as old as allowed");
  pass(1);
  await roundsLeave(2, "past its age: no step is left to make up for");
  await append();
  time.wall += 3 * hourMs;
  pass(hourMs / 4);
  await roundsLeave(2, "a step that stays is caught up with, at twice the speed of time");
  pass(hourMs);
  await roundsLeave(3, "and then believed");
});
