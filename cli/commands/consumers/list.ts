import type { Bus } from "../../../bus/index.js";
import {
  type ConsumerStatus,
  consumersIn,
  controlOf,
  type NamedHome,
  OpenLetters,
  statusOf,
} from "../../../consumers/index.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { counted } from "../../consumers/counted.js";
import { consumersDir } from "../../consumers/place.js";
import { statusTable } from "../../consumers/render-status.js";
import { show, watchOption } from "../../consumers/watch.js";
import { exit } from "../../exit.js";

export const list = command({
  positionals: {},
  options: watchOption,
  examples: [["$0 consumers list --watch", "see lag and rate change"]],
  async run({ watch }, context) {
    await withBus(context.where, async ({ bus }) => {
      const dir = await consumersDir(bus, context);
      const letters = new OpenLetters(bus);
      const look = async () => {
        const statuses = (await consumersIn(dir)).map((consumer) => statusAt(consumer, bus));
        return await counted(await Promise.all(statuses), letters);
      };
      await show(look, statusTable, { watch, context });
    });
    return exit.ok;
  },
});

/** One that cannot be asked just now must not hide the others. */
async function statusAt(consumer: NamedHome, bus: Bus): Promise<ConsumerStatus> {
  try {
    return await (await controlOf(consumer, bus.source)).status();
  } catch (error) {
    if (!isFedbusError(error)) throw error;
    const unknown = { version: "", path: "", config: {}, topics: [], end: undefined };
    const nothing = { generation: 0, parallelism: 0, startAt: 0 };
    const { name } = consumer;
    return statusOf({ name, ...unknown, ...nothing, state: "unknown", error: error.toJSON() }, []);
  }
}
