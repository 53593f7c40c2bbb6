/** The argument of commands on one consumer. */
export const nameArgument = {
  consumer: { type: "string", demandOption: true, describe: "Its name" },
} as const;
