import { consumersIn, controlOf } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { consumersDir } from "../../consumers/place.js";
import { statusTable } from "../../consumers/render-status.js";
import { show, watchOption } from "../../consumers/watch.js";
import { exit } from "../../exit.js";

export const list = command({
  usage: "list",
  summary: "List the consumers, and how far each is",
  positionals: {},
  options: watchOption,
  examples: [["$0 consumers list --watch", "see lag and rate change"]],
  async run({ watch }, context) {
    await withBus(context.where, async ({ bus }) => {
      const dir = await consumersDir(bus, context);
      const look = async () => {
        const statuses = (await consumersIn(dir)).map(async (consumer) =>
          (await controlOf(consumer, bus.source)).status(),
        );
        return await Promise.all(statuses);
      };
      await show(look, statusTable, { watch, context });
    });
    return exit.ok;
  },
});
