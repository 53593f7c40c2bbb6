import { retryDeadLetter } from "../../../consumers/index.js";
import { command } from "../../command.js";
import { lettersArgument, lettersOptions, withLetters } from "../../consumers/letters.js";

export const retry = command({
  positionals: lettersArgument,
  options: {
    ...lettersOptions,
    force: {
      type: "boolean",
      default: false,
      describe: "Also what was retried or dropped before",
    },
  },
  examples: [
    ["$0 dlq retry 4711 4712", "these two"],
    ["$0 dlq retry --all speeding", "everything that it could not handle"],
  ],
  run: (values, context) =>
    withLetters(values, context, {
      // Handled it is only when its consumer comes to it.
      told: "retry published as event",
      work: retryDeadLetter,
    }),
});
