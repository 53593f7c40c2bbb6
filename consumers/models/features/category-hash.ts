import type { Category } from "./feature.js";

/**
 * 32 bits of a category's text: FNV-1a over its UTF-16 units, low byte first. Fixed for good, since models depend
 * on it. The last bits are mixed (as Murmur3 ends), so that any number of buckets is filled evenly.
 */
export function hashOfCategory(value: Category): number {
  const text = String(value);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
