/**
 * The keys of a consumer's store:
 *
 * ```
 * 01 name                            meta: checkpoint and the like
 * 02 group table 00 key              a table's entry; names and keys in UTF-8
 * 03 clock time(8) group key         a timer, in the order in which they fire
 * 04 sequence(8)                     a block of the outbox
 * 05 minute(8) group table 00 key    an entry that is gone from that minute on, ms / 60,000
 * ```
 *
 * `group` and `clock` are one byte, numbers big-endian. A timer's time has 2^53 added, so that times
 * before 1970 sort first.
 */
const kind = { meta: 1, entry: 2, timer: 3, outbox: 4, expiry: 5 } as const;

const timeBias = 2n ** 53n;

export function metaKey(name: string): Buffer {
  return Buffer.from(`\u0001${name}`);
}

/** The runtime's own table, of the events that were given up: no plugin can call one of its own so. */
export const buriedTable = "#buried";

/** What a table's entries of one group are called, before their key. Also the cache's names. */
export function entryPrefix(group: number, table: string): string {
  return `${String.fromCharCode(group)}${table}\u0000`;
}

export function entryKey(id: string): Buffer {
  return Buffer.from(`\u0002${id}`);
}

/** The group, table and key of an entry. */
export function entryParts(key: Buffer): { group: number; table: string; key: string } {
  const end = key.indexOf(0, 2);
  return {
    group: key[1]!,
    table: key.toString("utf8", 2, end),
    key: key.toString("utf8", end + 1),
  };
}

export function timerKey(clock: number, at: number, group: number, key: string): Buffer {
  const text = Buffer.byteLength(key);
  const bytes = Buffer.allocUnsafe(11 + text);
  bytes[0] = kind.timer;
  bytes[1] = clock;
  bytes.writeBigUInt64BE(BigInt(at) + timeBias, 2);
  bytes[10] = group;
  bytes.write(key, 11);
  return bytes;
}

export function timerParts(bytes: Buffer): { at: number; group: number; key: string } {
  return {
    at: Number(bytes.readBigUInt64BE(2) - timeBias),
    group: bytes[10]!,
    key: bytes.toString("utf8", 11),
  };
}

/** From the first timer of `clock` that is due at `from` on. */
export function timersFrom(clock: number, from: number): { gte: Buffer; lt: Buffer } {
  const start = Buffer.from([kind.timer, clock]);
  const gte = from === -Infinity ? start : timerKey(clock, from, 0, "");
  return { gte, lt: Buffer.from([kind.timer, clock + 1]) };
}

export function outboxKey(seq: number): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = kind.outbox;
  bytes.writeBigUInt64BE(BigInt(seq), 1);
  return bytes;
}

export function outboxSeq(key: Buffer): number {
  return Number(key.readBigUInt64BE(1));
}

export const outboxRange = { gte: outboxKey(0), lt: Buffer.from([kind.outbox + 1]) } as const;
export const entryRange = {
  gte: Buffer.from([kind.entry]),
  lt: Buffer.from([kind.entry + 1]),
} as const;
export const timerRange = {
  gte: Buffer.from([kind.timer]),
  lt: Buffer.from([kind.timer + 1]),
} as const;

export const expiryIndexRange = {
  gte: Buffer.from([kind.expiry]),
  lt: Buffer.from([kind.expiry + 1]),
} as const;

export function expiryKey(minute: number, id: string): Buffer {
  const bytes = Buffer.allocUnsafe(9 + Buffer.byteLength(id));
  bytes[0] = kind.expiry;
  bytes.writeBigUInt64BE(BigInt(minute), 1);
  bytes.write(id, 9);
  return bytes;
}

export function expiryParts(key: Buffer): { minute: number; id: string } {
  return { minute: Number(key.readBigUInt64BE(1)), id: key.toString("utf8", 9) };
}

/** What is gone by the end of `minute`. */
export function expiryRange(minute: number): { gte: Buffer; lt: Buffer } {
  return { gte: Buffer.from([kind.expiry]), lt: expiryKey(Math.max(0, minute + 1), "") };
}
