import { withBus } from "../bus-for.js";
import { command } from "../command.js";
import { Damage } from "../damage.js";
import { escapeText } from "../render/escape.js";
import {
  checkNotPastHead,
  noteOnFilter,
  patternsArgument,
  rangeOptions,
  selectionFrom,
} from "../selection.js";
import {
  describeOption,
  descriptionsFrom,
  formatFrom,
  noteOnDescriptions,
  styleOptions,
} from "../style.js";
import { given, parseCount } from "../units.js";
import { writeAll } from "../write-all.js";

export const query = command({
  positionals: patternsArgument,
  options: {
    ...rangeOptions,
    order: { choices: ["asc", "desc"] as const, default: "asc" as const, describe: "By offset" },
    limit: { type: "string", describe: "Stop after so many events" },
    ...styleOptions,
    ...describeOption,
  },
  examples: [
    ["$0 query 'org.fedbus.demo.#' --since 15m", "the last quarter of an hour"],
    ["$0 query --where 'msg.user == \"ralph\"' --order desc --limit 5", "the last five of ralph's"],
    ["$0 query --from 100 --to 200 --fields offset,topic", "a hundred offsets, two columns"],
  ],
  async run(values, context) {
    const { query, filter } = await selectionFrom(values, context.signal);
    const descriptions = await descriptionsFrom(values, context);
    const limit = given(values.limit, (text) => parseCount("--limit", text, 1));
    const format = formatFrom(values, context, descriptions);
    const damage = new Damage(context);
    await withBus(context.where, async ({ bus }) => {
      const { order } = values;
      descriptions?.bind(await bus.schemas());
      checkNotPastHead("--from", query.from, await bus.source.info());
      const range = { ...query, order, ...(limit === undefined ? {} : { limit }) };
      const events = damage.query(bus, range);
      await writeAll(context.out, events, format);
    });
    const note = noteOnFilter(filter);
    if (note !== undefined) await context.err.line(note);
    const undescribed = noteOnDescriptions(descriptions);
    if (undescribed !== undefined) await context.err.line(escapeText(undescribed));
    return damage.exitCode;
  },
});
