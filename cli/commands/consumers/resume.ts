import { command } from "../../command.js";
import { changeConsumer } from "../../consumers/change.js";
import { nameArgument } from "./name.js";

export const resume = command({
  positionals: nameArgument,
  options: {},
  examples: [["$0 consumers resume speeding", "from where it was"]],
  run: ({ consumer }, context) => changeConsumer(consumer, context, (control) => control.resume()),
});
