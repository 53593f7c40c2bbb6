/** The payload and ends of a block of `events`, each one's bytes or text. */
export function blockOf(events: readonly (string | Uint8Array)[]): {
  payload: Buffer;
  ends: Uint32Array;
} {
  const parts: Buffer[] = [];
  const ends = new Uint32Array(events.length);
  let at = 0;
  for (const [index, event] of events.entries()) {
    const bytes = Buffer.from(event as Uint8Array);
    parts.push(Buffer.from(index === 0 ? "[" : ","), bytes);
    at += 1 + bytes.length;
    ends[index] = at;
  }
  return { payload: Buffer.concat([...parts, Buffer.from("]")]), ends };
}
