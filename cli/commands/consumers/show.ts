import { command } from "../../command.js";
import { withConsumer } from "../../consumers/place.js";
import { statusDetails } from "../../consumers/render-status.js";
import { show as showFound, watchOption } from "../../consumers/watch.js";
import { exit } from "../../exit.js";
import { nameArgument } from "./name.js";

export const show = command({
  usage: "show <consumer>",
  summary: "Show one consumer and its processes",
  positionals: nameArgument,
  options: watchOption,
  examples: [["$0 consumers show speeding --watch", "see it work"]],
  async run({ consumer, watch }, context) {
    await withConsumer(consumer, context, (control) =>
      showFound(
        async () => [await control.status()],
        (statuses) => statuses.map(statusDetails).join("\n"),
        { watch, context },
      ),
    );
    return exit.ok;
  },
});
