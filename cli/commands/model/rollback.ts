import { rollbackModel } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { nameArgument } from "../../model/model-argument.js";

export const rollback = command({
  positionals: nameArgument,
  options: {},
  examples: [["$0 model rollback fraud", "one step back; again: another one"]],
  async run({ name }, { where, json, out }) {
    const promotion = await withBus(where, ({ bus }) => rollbackModel(bus, name));
    const { version, sha256, offset } = promotion;
    const what =
      version === undefined ? sha256.slice(0, 12) : `version ${version} (${sha256.slice(0, 12)})`;
    await (json ? out.json(promotion) : out.line(`${what} answers again from offset ${offset} on`));
    return exit.ok;
  },
});
