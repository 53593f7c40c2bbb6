import { FedbusError, SchemaInference } from "../../../schemas/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { Damage } from "../../damage.js";
import { escapeLines } from "../../render/escape.js";
import { noteOnFilter, patternsArgument, rangeOptions, selectionFrom } from "../../selection.js";
import { given, parseCount } from "../../units.js";

export const infer = command({
  positionals: patternsArgument,
  options: {
    ...rangeOptions,
    limit: { type: "string", describe: "Look at so many events at most" },
    ranges: {
      type: "boolean",
      default: false,
      describe: "Make the least and greatest numbers and lengths that were seen limits",
    },
    closed: {
      type: "boolean",
      default: false,
      describe: "Allow no members but those that were seen",
    },
  },
  examples: [["$0 schema infer shop.order.created > order.schema.json", "a schema to start from"]],
  async run(values, context) {
    const { query, filter } = await selectionFrom(values, context.signal);
    const limit = given(values.limit, (text) => parseCount("--limit", text, 1));
    const inference = new SchemaInference();
    const damage = new Damage(context);
    let [first, last] = [-1, -1];
    await withBus(context.where, async ({ bus }) => {
      const range = { ...query, ...(limit === undefined ? {} : { limit }) };
      for await (const { offset, msg } of damage.query(bus, range)) {
        if (first < 0) first = offset;
        last = offset;
        inference.add(msg);
      }
    });
    if (inference.count === 0)
      throw new FedbusError("INPUT_INVALID", "there is no such event to infer a schema from", {
        details: { remedy: "see what topics there are with `fedbus topics`" },
      });
    const { ranges, closed } = values;
    const about = `inferred from offsets ${first} to ${last}`;
    const schema = inference.schema({ ranges, closed }, about);
    const { out, err, json } = context;
    await (json ? out.json(schema) : out.line(escapeLines(JSON.stringify(schema, undefined, 2))));
    const note = noteOnFilter(filter);
    if (note !== undefined) await err.line(note);
    return damage.exitCode;
  },
});
