import type { Listed } from "../../command-table.js";

/** The commands of `fedbus consumers`, in the order that its help lists them. */
export const consumers: readonly Listed[] = [
  {
    usage: "list",
    summary: "List the consumers, and how far each is",
    load: async () => (await import("./list.js")).list,
  },
  {
    usage: "show <consumer>",
    summary: "Show one consumer and its processes",
    load: async () => (await import("./show.js")).show,
  },
  {
    usage: "pause <consumer>",
    summary: "Let a consumer end what it does, and handle nothing until it is resumed",
    load: async () => (await import("./pause.js")).pause,
  },
  {
    usage: "resume <consumer>",
    summary: "Go on after a pause, or after a consumer has halted or broken",
    load: async () => (await import("./resume.js")).resume,
  },
  {
    usage: "reset <consumer>",
    summary: "Drop all state of a consumer and begin anew: its outputs come again",
    load: async () => (await import("./reset.js")).reset,
  },
  {
    usage: "rewind <consumer>",
    summary: "Go on from another place of the log, with the state as it is",
    load: async () => (await import("./rewind.js")).rewind,
  },
];
