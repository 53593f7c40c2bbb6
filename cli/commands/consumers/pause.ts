import { command } from "../../command.js";
import { changeConsumer } from "../../consumers/change.js";
import { nameArgument } from "./name.js";

export const pause = command({
  usage: "pause <consumer>",
  summary: "Let a consumer end what it does, and handle nothing until it is resumed",
  positionals: nameArgument,
  options: {},
  examples: [["$0 consumers pause speeding", "also over restarts"]],
  run: ({ consumer }, context) => changeConsumer(consumer, context, (control) => control.pause()),
});
