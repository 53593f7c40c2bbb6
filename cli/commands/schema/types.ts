import { writeDurably } from "../../../bus/index.js";
import { declarationsOf, loadConverter } from "../../../schemas/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";

export const types = command({
  positionals: {},
  options: { out: { type: "string", describe: "File to write (default: standard output)" } },
  examples: [["$0 schema types --out fedbus-topics.ts", "publish and subscribe are typed by it"]],
  async run({ out: file }, { where, json, out }) {
    const convert = await loadConverter();
    const listings = await withBus(where, ({ bus }) => bus.schemas());
    const text = await declarationsOf(listings, convert);
    if (file === undefined) await (json ? out.json({ text }) : out.write(text));
    else {
      await writeDurably(file, text);
      await (json ? out.json({ file }) : out.line(`${file} is written`));
    }
    return exit.ok;
  },
});
