import { deadLetterAt } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { escapeLines } from "../../render/escape.js";
import { parseCount } from "../../units.js";

export const show = command({
  positionals: {
    offset: { type: "string", demandOption: true, describe: "The dead letter's own offset" },
  },
  options: {},
  examples: [["$0 dlq show 4711", "the dead letter that the log has at 4711"]],
  async run({ offset }, { where, json, out }) {
    const at = parseCount("offset", offset);
    const letter = await withBus(where, ({ bus }) => deadLetterAt(bus, at));
    if (json) await out.json(letter);
    else {
      const { error, ...rest } = letter;
      await out.line(escapeLines(error.stack ?? error.message));
      await out.line(escapeLines(JSON.stringify(rest, undefined, 2)));
    }
    return exit.ok;
  },
});
