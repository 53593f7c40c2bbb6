import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import t from "tap";
import { isConsumer, sinkDefaults } from "../../consumers/index.js";
import { fileDefaults } from "../../consumers/sinks/file/file-options.js";
import { httpDefaults } from "../../consumers/sinks/http/http-options.js";
import { influxDefaults } from "../../consumers/sinks/influx/influx-options.js";
import { postgresDefaults } from "../../consumers/sinks/postgres/postgres-options.js";
import { webhookDefaults } from "../../consumers/sinks/webhook/webhook-options.js";

const page = fileURLToPath(new URL("../../../docs/sinks.md", import.meta.url));
const built = new URL("../../consumers/index.js", import.meta.url).href;

/** A number as the page writes it. */
function written(value: number): string {
  const units = [
    [1024 * 1024, "MiB"],
    [1024, "KiB"],
  ] as const;
  const unit = units.find(([size]) => value >= size && value % size === 0);
  return unit ? `${value / unit[0]} ${unit[1]}` : value.toLocaleString("en-US");
}

t.test("docs/sinks.md names each option that has a default, and the default", async (t) => {
  const text = await readFile(page, "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  const all = [
    sinkDefaults,
    httpDefaults,
    webhookDefaults,
    fileDefaults,
    influxDefaults,
    postgresDefaults,
  ];
  for (const defaults of all)
    for (const [name, value] of Object.entries(defaults as object)) {
      const named = rows.filter((row) => row.split("|")[1]!.includes(`\`${name}\``));
      t.ok(named.length > 0, name);
      if (typeof value === "object") continue;
      const wanted = typeof value === "number" ? written(value) : String(value);
      t.ok(
        named.some((row) => row.split("|")[2]!.includes(wanted)),
        `${name}: ${wanted}`,
      );
    }
});

t.test("docs/sinks.md: the examples are accepted", async (t) => {
  const text = await readFile(page, "utf8");
  const blocks = [...text.matchAll(/```js\n(.*?)```/gs)].map((match) => match[1]!);
  t.equal(blocks.length, 4);
  for (const [index, block] of blocks.entries()) {
    const code = block.replace(/^import .*$/m, "");
    const whole = code.includes("export default") ? code : `export default ${code}`;
    const dir = t.testdir({
      "example.mjs": `import { sink, webhook, file, postgres, influx } from "${built}";\n${whole}`,
    });
    const { href } = pathToFileURL(join(dir, "example.mjs"));
    const { default: made } = (await import(`${href}?${index}`)) as { default: unknown };
    if (isConsumer(made))
      made.create({ name: made.name, config: {}, replay: false, logger: console });
    else t.type((made as { deliver?: unknown }).deliver, "function");
  }
});
