import type { EventLog } from "../log/event-log.js";
import { appendingCases } from "./appending-cases.js";
import { followingCases } from "./following-cases.js";
import { type SuiteTest, TestClock } from "./log-case.js";
import { patternTrimmingCases } from "./pattern-trimming-cases.js";
import { readingCases } from "./reading-cases.js";
import { tellingTimeCases } from "./time-cases.js";
import { trimmingCases } from "./trimming-cases.js";

export type { SuiteTest } from "./log-case.js";

export interface EventLogSuiteOptions {
  /** Opens an empty log whose time is what `clock` says. The suite closes it. */
  readonly open: (clock: () => number) => Promise<EventLog>;
}

const cases = {
  ...appendingCases,
  ...readingCases,
  ...followingCases,
  ...tellingTimeCases,
  ...trimmingCases,
  ...patternTrimmingCases,
};

/**
 * What every `EventLog` must do, as tests. Durability is each backend's own to test.
 *
 * `eventLogSuite(t, { open: async (clock) => new MemoryLog({ clock }) })`
 */
export function eventLogSuite(t: SuiteTest, options: EventLogSuiteOptions): void {
  for (const [name, run] of Object.entries(cases))
    t.test(`log: ${name}`, async (tt) => {
      const clock = new TestClock();
      await using log = await options.open(clock.read);
      await run(tt, log, clock);
    });
}
