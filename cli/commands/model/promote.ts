import { promoteModel } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { modelArgument } from "../../model/model-argument.js";
import { escapeText } from "../../render/escape.js";

export const promote = command({
  positionals: modelArgument,
  options: {},
  examples: [["$0 model promote fraud@3", "version 3 answers"]],
  async run({ model }, { where, json, out }) {
    const promotion = await withBus(where, ({ bus }) => promoteModel(bus, model));
    if (json) await out.json(promotion ?? null);
    else if (promotion === undefined) await out.line(`${escapeText(model)} answers already`);
    else {
      const { version, sha256, offset } = promotion;
      const what = `version ${version} (${sha256.slice(0, 12)})`;
      await out.line(`${what} answers from offset ${offset} on`);
    }
    return exit.ok;
  },
});
