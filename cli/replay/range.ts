import type { EventSource } from "../../bus/index.js";
import { given, parseCount, parseTime } from "../units.js";

/** A range of offsets, each end of which may also be said by its time. */
export const offsetRangeOptions = {
  from: {
    type: "string",
    describe: "First offset, or a time: 2026-11-21, 15m (default: the first)",
  },
  to: { type: "string", describe: "Offset, or time, to stop before" },
} as const;

/** The offset that a text names. Throws OPTIONS_INVALID. */
export async function offsetFrom(
  option: string,
  text: string,
  source: EventSource,
): Promise<number> {
  // A long number could be a time, too: offsets are what this option is for.
  if (/^\d+$/.test(text)) return parseCount(option, text);
  return await source.offsetAtTime(parseTime(option, text, Date.now()));
}

export async function offsetRangeFrom(
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
  source: EventSource,
): Promise<{ readonly from?: number; readonly to?: number }> {
  const first = await given(from, (text) => offsetFrom("--from", text, source));
  const end = await given(to, (text) => offsetFrom("--to", text, source));
  return { ...(first !== undefined && { from: first }), ...(end !== undefined && { to: end }) };
}
