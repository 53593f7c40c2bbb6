import type { BusEvent } from "../../../bus/index.js";
import { causeIn, isSha256, objectIn } from "./model-version.js";

/** What a consumer that serves models decides by itself. */
const ownDecisions: readonly unknown[] = ["canary", "rollback"];

/**
 * Whether an event on `models.NAME.promoted` counts where `active` answers. Promotions hold in the log's order, the
 * last one wins; but what a consumer has decided by itself, from the outcomes of the model that it calls `previous`,
 * comes too late if somebody has put another in that one's place. Everyone who reads the log comes to the same.
 */
export function isInTime(event: BusEvent, active: string | undefined): boolean {
  const { sha256, previous, reason } = objectIn(event.msg);
  if (active === undefined || active === sha256 || !isSha256(previous)) return true;
  const isOwn = ownDecisions.includes(reason) && causeIn(event) !== undefined;
  return !isOwn || active === previous;
}
