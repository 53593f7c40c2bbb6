import { setImmediate as turn } from "node:timers/promises";

/** Lets everything run that can run without waiting for time or input. */
export async function settle(turns = 5): Promise<void> {
  for (let count = 0; count < turns; count++) await turn();
}

/** Resolves when `condition` holds, however long that takes: the test's own timeout is the bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
