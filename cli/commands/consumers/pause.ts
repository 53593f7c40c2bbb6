import { command } from "../../command.js";
import { changeConsumer } from "../../consumers/change.js";
import { nameArgument } from "./name.js";

export const pause = command({
  positionals: nameArgument,
  options: {},
  examples: [["$0 consumers pause speeding", "also over restarts"]],
  run: ({ consumer }, context) => changeConsumer(consumer, context, (control) => control.pause()),
});
