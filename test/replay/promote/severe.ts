import { alarms } from "../whatif/alarms.js";

/** Alarms as they should have been: from 60 on instead of 50, and those from 90 on are severe. */
export const severe = alarms(60, {
  version: "2",
  alert: (value) => ({ value, level: value > 90 ? "severe" : "high" }),
});
