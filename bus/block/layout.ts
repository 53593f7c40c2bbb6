/**
 * The block: one unit from publisher to disk to subscriber. All numbers are little-endian.
 *
 * ```
 *  at  size  field
 *   0     4  magic "FBLK"
 *   4     1  version, 1
 *   5     1  flags: 1 = LOGGED (meta and topic ids present), 2 = SPARSE (deltas present),
 *            4 = TRIMMED (retention took events out; see docs/log-format.md)
 *   6     2  zero
 *   8     4  count         events in the block, 1 to 65,535; 0 only if TRIMMED
 *  12     4  metaBytes     length of meta, a multiple of 8
 *  16     4  payloadBytes  length of the payload, its two brackets included
 *  20     4  bodyCrc       CRC-32 of ends and payload: made by the publisher, checked at every hop
 *  24     8  firstOffset   offset of the first event; 0 on the way to the hub
 *  32     8  recordedAt    hub clock at commit, milliseconds since 1970; 0 on the way to the hub
 *  40     8  epoch         the log's epoch at commit; 0 on the way to the hub
 *  48    32  previous      SHA-256 of the whole block before this one; zeros in the first
 *  80     4  headerCrc     CRC-32 of bytes 0-79 and of meta, topic ids and deltas
 *  84     4  zero
 *  88     -  meta          JSON, padded with spaces: {"topics": [...], "producers": [...]}; a
 *            TRIMMED block also has "original" (its hash when whole) and "covers" (its count then)
 *   -     -  topic ids     LOGGED only: u16 a event, an index into topics; padded to 4 with zeros
 *   -     -  deltas        SPARSE only: u32 a event, its offset less firstOffset
 *   -     -  ends          u32 a event, the position after its last byte, counted from the payload
 *   -     -  payload       the events' own bytes as one JSON array: [event,event,...]
 * ```
 *
 * The CRC is CRC-32 (ISO-HDLC, zlib's) and not CRC-32C, because Node has it built in.
 */
export const headerBytes = 88;
export const magic = 0x4b4c4246;
export const version = 1;
export const flagLogged = 1;
export const flagSparse = 2;
export const flagTrimmed = 4;
export const blockEventsMax = 65_535;

export const at = {
  magic: 0,
  version: 4,
  flags: 5,
  count: 8,
  metaBytes: 12,
  payloadBytes: 16,
  bodyCrc: 20,
  firstOffset: 24,
  recordedAt: 32,
  epoch: 40,
  previous: 48,
  headerCrc: 80,
} as const;

/** The bytes that the topic ids of `count` events take, padding included. */
export function topicIdsBytes(count: number): number {
  return (count * 2 + 3) & ~3;
}
