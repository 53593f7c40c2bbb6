/** The argument of the commands on one key. */
export const keyName = {
  name: { type: "string", demandOption: true, describe: "The key's name" },
} as const;
