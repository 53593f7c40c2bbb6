import type { Listed } from "../../command-table.js";

/** The commands of `fedbus init`, in the order that its help lists them. */
export const init: readonly Listed[] = [
  {
    usage: "plugin <name>",
    summary: "Write a consumer plugin with its test, to start from",
    load: async () => (await import("./plugin.js")).plugin,
  },
];
