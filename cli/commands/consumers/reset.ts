import { command } from "../../command.js";
import { changeConsumer } from "../../consumers/change.js";
import { parseStart } from "../../consumers/start-at.js";
import { missing } from "../../units.js";
import { nameArgument } from "./name.js";

export const reset = command({
  positionals: nameArgument,
  options: {
    from: {
      type: "string",
      default: "earliest",
      describe: "Where it begins: earliest, live, an offset or a time",
    },
    yes: { type: "boolean", default: false, describe: "Yes, drop its state" },
  },
  examples: [["$0 consumers reset speeding --yes", "begin again at the first event"]],
  async run({ consumer, from, yes }, context) {
    const start = parseStart("--from", from);
    if (!yes) throw missing("--yes", `give --yes to drop the state of ${consumer}`);
    return await changeConsumer(consumer, context, (control) => control.reset(start));
  },
});
