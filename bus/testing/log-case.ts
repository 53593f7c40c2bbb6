import type { EventLog } from "../log/event-log.js";
import { draftOf } from "./drafts.js";

/** What the suite needs of a test runner; tap's `t` fits. */
export interface SuiteTest {
  test(name: string, run: (t: SuiteTest) => Promise<void>): unknown;
  equal(found: unknown, wanted: unknown): unknown;
  same(found: unknown, wanted: unknown): unknown;
  ok(value: unknown): unknown;
}

/** The clock that the suite's logs run by: it stands until a test moves it. */
export class TestClock {
  now = 1_700_000_000_000;
  readonly read = (): number => this.now;
}

/** One test of the suite, with an empty log. */
export type Case = (t: SuiteTest, log: EventLog, clock: TestClock) => Promise<void>;

export type Cases = Readonly<Record<string, Case>>;

/** Appends ten blocks of three events: a.b, a.c and x, recorded 1000 ms apart. */
export async function fill(log: EventLog, clock: TestClock, blocks = 10): Promise<void> {
  for (let index = 0; index < blocks; index++) {
    await log.append([
      draftOf([
        ["a.b", index],
        ["a.c", index],
        ["x", index],
      ]),
    ]);
    clock.now += 1_000;
  }
}
