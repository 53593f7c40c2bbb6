import type { Listed } from "../../command-table.js";

/** The commands of `fedbus log`, in the order that its help lists them. */
export const log: readonly Listed[] = [
  {
    usage: "info",
    summary: "Print the log's id, range, size and age",
    load: async () => (await import("./info.js")).info,
  },
  {
    usage: "verify",
    summary:
      "Check every event's checksum and every blob, and that nothing was changed or taken out",
    load: async () => (await import("./verify.js")).verifyLog,
  },
  {
    usage: "trim",
    summary: "Remove old events, and give their space back",
    load: async () => (await import("./trim.js")).trim,
  },
  {
    usage: "export [patterns..]",
    summary:
      "Write events with offset and time as NDJSON, byte for byte (no blobs, such as models: see backup)",
    load: async () => (await import("./export.js")).exportLog,
  },
  {
    usage: "import <file>",
    summary: "Publish the events of an export, byte for byte, or of another archive",
    load: async () => (await import("./import.js")).importLog,
  },
  {
    usage: "backup <target>",
    summary: "Copy the log, byte for byte; into an older backup, only what is new",
    load: async () => (await import("./backup.js")).backup,
  },
  {
    usage: "repair",
    summary: "Make a damaged log usable again; what is lost stays a hole, and is named",
    load: async () => (await import("./repair.js")).repair,
  },
];
