import { dropDeadLetter } from "../../../consumers/index.js";
import { command } from "../../command.js";
import { lettersArgument, lettersOptions, withLetters } from "../../consumers/letters.js";

export const drop = command({
  positionals: lettersArgument,
  options: lettersOptions,
  examples: [
    ["$0 dlq drop 4711", "this one"],
    ["$0 dlq drop --all speeding", "all of a consumer"],
  ],
  run: (values, context) =>
    withLetters(values, context, { told: "dropped, noted as event", work: dropDeadLetter }),
});
