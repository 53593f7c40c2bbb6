import { command } from "../../command.js";
import { changeConsumer } from "../../consumers/change.js";
import { parseStart } from "../../consumers/start-at.js";
import { nameArgument } from "./name.js";

export const rewind = command({
  positionals: nameArgument,
  options: {
    to: {
      type: "string",
      demandOption: true,
      describe: "The next event to handle: earliest, live, an offset or a time",
    },
  },
  examples: [
    ["$0 consumers rewind webhooks --to 15m", "deliver the last 15 minutes again"],
    ["$0 consumers rewind webhooks --to live", "skip what it has not handled"],
  ],
  run: ({ consumer, to }, context) => {
    const start = parseStart("--to", to);
    return changeConsumer(consumer, context, (control) => control.rewind(start));
  },
});
