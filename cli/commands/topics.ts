import type { TopicInfo } from "../../bus/index.js";
import type { SchemaRegistry } from "../../schemas/index.js";
import { withBus } from "../bus-for.js";
import { command } from "../command.js";
import { exit } from "../exit.js";
import { registryFrom } from "../registry.js";
import { showBytes, showCount } from "../render/amounts.js";
import { jsonLine } from "../render/escape.js";
import { table } from "../render/table.js";
import { patternsArgument } from "../selection.js";

export const topics = command({
  positionals: patternsArgument,
  options: {},
  examples: [["$0 topics 'org.fedbus.#'", "those under org.fedbus"]],
  async run({ patterns }, { where, json, out }) {
    const { infos, registry } = await withBus(where, async ({ bus }) => ({
      infos: await bus.source.topics(patterns.length > 0 ? patterns : undefined),
      registry: registryFrom(await bus.schemas()),
    }));
    const rows = infos.map((info) => ({ ...info, schema: schemaOf(info, registry) }));
    if (json) await out.write(rows.map(jsonLine).join(""));
    else await out.write(table([header, ...rows.map(cells)], [1, 2, 3, 4]));
    return exit.ok;
  },
});

const header = ["TOPIC", "EVENTS", "SIZE", "FIRST", "LAST", "SCHEMA"];

function schemaOf({ topic }: TopicInfo, registry: SchemaRegistry): string | null {
  const bound = registry.forTopic(topic);
  return bound === undefined ? null : `${bound.name}@${bound.version}`;
}

function cells(row: TopicInfo & { readonly schema: string | null }): string[] {
  const { topic, count, bytes, firstOffset, lastOffset, schema } = row;
  return [
    topic,
    showCount(count),
    showBytes(bytes),
    String(firstOffset),
    String(lastOffset),
    schema ?? "-",
  ];
}
