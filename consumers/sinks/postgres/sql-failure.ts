import type { FedbusError } from "../../../schemas/errors.js";
import { deliveryFailed, deliveryRefused, reasonOf } from "../failures.js";

/**
 * Classes of SQLSTATE that say no for good: feature not supported, invalid authorization, bad data,
 * broken constraint, no such database or schema, syntax or access rule, check option. All others, and
 * failures of the connection, may pass.
 */
const forGood = /^(?:0A|21|22|23|28|3D|3F|42|44)/;

/** Bad data and broken constraints: one event among others may be to blame. */
const ofOneEvent = /^(?:21|22|23|44)/;

export function isOfOneEvent(error: unknown): boolean {
  return ofOneEvent.test(stateOf(error));
}

export function sqlFailure(where: string, error: unknown): FedbusError {
  const state = stateOf(error);
  const details = state === "" ? {} : { sqlstate: state };
  const failure = forGood.test(state) ? deliveryRefused : deliveryFailed;
  return failure(`${where}: ${reasonOf(error)}`, details, error);
}

/** Five characters; empty if the failure is not the server's. */
function stateOf(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : "";
}
