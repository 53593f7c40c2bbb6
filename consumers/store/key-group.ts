import { FedbusError } from "../../schemas/index.js";

/**
 * Keys are spread over this many groups, and groups over processes: so the number of processes can
 * change while state stays where its key is. It is part of the stores' format.
 */
export const keyGroups = 64;

/**
 * The group of a key; 0 without one. FNV-1a over its UTF-16 code units, its bits mixed once more
 * (murmur3's finaliser). Throws STATE_INVALID for what is no string.
 */
export function groupOf(key: string | undefined): number {
  if (key === undefined) return 0;
  if (typeof key !== "string")
    throw new FedbusError("STATE_INVALID", `an event's key is a string, not a ${typeof key}`);
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++)
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) & (keyGroups - 1);
}
