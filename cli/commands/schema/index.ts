import type { Listed } from "../../command-table.js";

/** The commands of `fedbus schema`, in the order that its help lists them. */
export const schema: readonly Listed[] = [
  {
    usage: "add <file>",
    summary: "Register a schema version",
    load: async () => (await import("./add.js")).add,
  },
  {
    usage: "list",
    summary: "List the registered schema versions",
    load: async () => (await import("./list.js")).list,
  },
  {
    usage: "show <schema>",
    summary: "Print a schema: NAME, its latest version, or NAME@VERSION",
    load: async () => (await import("./show.js")).show,
  },
  {
    usage: "check <file> [events]",
    summary: "Check a schema: against its version before and what is stored, or against a file",
    load: async () => (await import("./check.js")).check,
  },
  {
    usage: "at <offset>",
    summary: "Tell which schema versions held at an offset",
    load: async () => (await import("./at.js")).at,
  },
  {
    usage: "infer [patterns..]",
    summary: "Propose a schema from stored events",
    load: async () => (await import("./infer.js")).infer,
  },
  {
    usage: "types",
    summary: "Write TypeScript declarations of the registered schemas",
    load: async () => (await import("./types.js")).types,
  },
  {
    usage: "asyncapi",
    summary: "Print an AsyncAPI document of the registered schemas and their topics",
    load: async () => (await import("./asyncapi.js")).asyncapi,
  },
];
