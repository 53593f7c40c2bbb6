import type { Listed } from "../../command-table.js";

/** The commands of `fedbus dlq`, in the order that its help lists them. */
export const dlq: readonly Listed[] = [
  {
    usage: "list [consumer]",
    summary: "List the dead letters that nobody has dealt with",
    load: async () => (await import("./list.js")).list,
  },
  {
    usage: "show <offset>",
    summary: "Show one dead letter: the error with its stack, and the event",
    load: async () => (await import("./show.js")).show,
  },
  {
    usage: "retry [letters..]",
    summary: "Have a consumer handle what failed once more",
    load: async () => (await import("./retry.js")).retry,
  },
  {
    usage: "drop [letters..]",
    summary: "Take dead letters off the list: they stay in the log",
    load: async () => (await import("./drop.js")).drop,
  },
];
