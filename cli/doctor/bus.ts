import { isFedbusError } from "../../schemas/errors.js";
import { openTarget } from "../bus-for.js";
import type { Where } from "../config.js";
import { showCount, showTime } from "../render/amounts.js";
import { unsignedWarning } from "../signing/unsigned-warning.js";
import { type Finding, fail, ok, warn } from "./finding.js";

/** Whether there is a bus at `where`, and whether this machine's clock agrees with its log. */
export async function checkBus(where: Where): Promise<Finding[]> {
  const startedMs = performance.now();
  try {
    const target = await openTarget(where);
    try {
      const { log, unsigned } = await target.bus.stats();
      const took = showCount(performance.now() - startedMs);
      const count = showCount(log.events);
      const reached = target.live
        ? ok("hub", `answers at ${target.place} in ${took} ms, ${count} events`)
        : warn("hub", `none is running; the log opens, ${count} events`, "start one: `fedbus up`");
      const clock = checkClock(log.lastRecordedAt, Date.now());
      return target.live ? [reached, clock, checkSignatures(unsigned)] : [reached, clock];
    } finally {
      await target.bus.close();
    }
  } catch (error) {
    if (isFedbusError(error, "LOG_NOT_FOUND"))
      return [warn("hub", `no hub, and no log in ${where.dir}`, "start one with `fedbus up`")];
    const text = error instanceof Error ? error.message : String(error);
    const code = isFedbusError(error) ? ` (${error.code})` : "";
    return [fail("hub", `${text}${code}`, "check --hub and --dir, and whether the hub runs")];
  }
}

function checkSignatures(unsigned: readonly string[] | undefined): Finding {
  const warning = unsignedWarning(unsigned);
  return warning === undefined
    ? ok("signatures", "every event must be signed")
    : warn("signatures", warning, "name whom to trust with `fedbus hub --trust FILE`");
}

/** A clock behind the log would give its next events the time of the last one. */
export function checkClock(lastRecordedAt: number | undefined, now: number): Finding {
  const aheadMs = (lastRecordedAt ?? 0) - now;
  return aheadMs > 1_000
    ? warn(
        "clock",
        `the log's last event is of ${showTime(lastRecordedAt)}, which is to come`,
        "set this machine's clock",
      )
    : ok("clock", showTime(now));
}
