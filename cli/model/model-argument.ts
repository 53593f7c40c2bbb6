/** The argument of commands on one version of a model. */
export const modelArgument = {
  model: {
    type: "string",
    demandOption: true,
    describe: "NAME (what answers now), NAME@VERSION, or NAME@SHA256 (its first digits)",
  },
} as const;

/** The argument of commands on a model, whatever its versions. */
export const nameArgument = {
  name: { type: "string", demandOption: true, describe: "The model's name" },
} as const;
