import { describe, OpenLetters } from "../../../consumers/index.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { command } from "../../command.js";
import { settingsTable } from "../../consumers/config-help.js";
import { counted } from "../../consumers/counted.js";
import { environmentFrom } from "../../consumers/options.js";
import { withConsumer } from "../../consumers/place.js";
import { statusDetails } from "../../consumers/render-status.js";
import { show as showFound, watchOption } from "../../consumers/watch.js";
import type { Context } from "../../context.js";
import { exit } from "../../exit.js";
import { escapeText } from "../../render/escape.js";
import { nameArgument } from "./name.js";

export const show = command({
  positionals: nameArgument,
  options: watchOption,
  examples: [["$0 consumers show speeding --watch", "see it work"]],
  async run({ consumer, watch }, context) {
    await withConsumer(consumer, context, async (control, { bus }) => {
      const { path, config } = await control.status();
      const letters = new OpenLetters(bus);
      const settings = await settingsOf(path, config, context);
      await showFound(
        async () => await counted([await control.status()], letters),
        (statuses) => statuses.map(statusDetails).join("\n") + settings,
        { watch, context },
      );
    });
    return exit.ok;
  },
});

/** Its settings as a table; nothing if its plugin cannot be asked any more. */
async function settingsOf(path: string, config: unknown, context: Context): Promise<string> {
  if (path === "" || context.json) return "";
  const { cwd, signal } = context;
  try {
    const { schema } = await describe(
      { plugin: path, from: cwd },
      { env: environmentFrom([], context), cwd, signal },
    );
    return `\n${settingsTable(schema, config)}`;
  } catch (error) {
    if (!isFedbusError(error)) throw error;
    return `\n${escapeText(error.message)}\n`;
  }
}
