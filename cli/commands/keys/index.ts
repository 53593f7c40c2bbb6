import type { Listed } from "../../command-table.js";

/** The commands of `fedbus keys`, in the order that its help lists them. */
export const keys: readonly Listed[] = [
  {
    usage: "create <name>",
    summary: "Make a key pair of Ed25519; its private half stays readable by you alone",
    load: async () => (await import("./create.js")).create,
  },
  {
    usage: "list",
    summary: "List the keys and certificates",
    load: async () => (await import("./list.js")).list,
  },
  {
    usage: "show <name>",
    summary: "Show a key's fingerprint",
    load: async () => (await import("./show.js")).show,
  },
];
