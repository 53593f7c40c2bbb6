import { FedbusError } from "../../schemas/index.js";

/** STATE_LIMIT: for `key` there is already as much state, `what`, as a consumer may keep. */
export function stateLimit(what: string, key: string): FedbusError {
  const shown = key.length > 100 ? `${key.slice(0, 100)}…` : key;
  return new FedbusError("STATE_LIMIT", `the key ${JSON.stringify(shown)} has ${what} already`, {
    details: { key: shown },
  });
}
