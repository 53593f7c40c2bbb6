import type { StartAt } from "../../bus/index.js";
import { parseTime, wrongOption } from "../units.js";

const wanted = "earliest, live, an offset, or a time such as 2026-11-21T14:00Z or 15m";

/** Where to start, as an option says it. Throws OPTIONS_INVALID. */
export function parseStart(option: string, text: string): StartAt {
  if (text === "earliest" || text === "live") return text;
  // Nine digits and more are seconds since 1970, as in every other option.
  if (/^\d{1,8}$/.test(text)) return { offset: Number(text) };
  try {
    return { time: parseTime(option, text, Date.now()) };
  } catch {
    throw wrongOption(option, text, wanted);
  }
}
