import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { declarationsOf, loadConverter, SchemaRegistry } from "../../../schemas/index.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../..", import.meta.url));
const tsc = join(root, "node_modules/.bin/tsc");
const skip = existsSync(join(root, "node_modules/json-schema-to-typescript"))
  ? false
  : "json-schema-to-typescript is not installed";

const order = {
  title: "Some other name",
  type: "object",
  properties: {
    id: { type: "integer" },
    state: { enum: ["new", "paid"] },
    lines: { type: "array", items: { $ref: "#/$defs/line" } },
  },
  required: ["id"],
  $defs: { line: { type: "object", properties: { sku: { type: "string" } } } },
};

function listings() {
  const registry = new SchemaRegistry();
  const add = (name: string, version: number, topics: string[], schema: object | boolean) =>
    registry.register({ name, version, topics, schema: schema as typeof order });
  add("shop.order", 1, ["shop.order.*"], { type: "string" });
  add("shop.order", 2, ["shop.order.*", "old.order"], order);
  add("shop-order", 1, ["a.#"], { type: "number" });
  add("7", 1, ["never"], false);
  const schema = { $ref: "https://example.invalid/schema" };
  const known = registry.list();
  return [...known, { ...known[0]!, name: "elsewhere", topics: ["far"], schema }];
}

const right = `
import { openBus } from "fedbus";
import "./topics.js";
const bus = await openBus();
const publisher = bus.publisher();
await publisher.publish("shop.order.created", { id: 1, state: "new", lines: [{ sku: "x" }] });
await publisher.publish("a", 1);
await publisher.publish("a.b.c", 1);
await publisher.publish("not.described", { anything: [] });
await publisher.publish("far", "anything");
declare const some: string;
await publisher.publish(some, { id: "any" });
for await (const { msg } of bus.subscribe("shop.order.*")) { const id: number = msg.id; void id; }
for await (const { msg } of bus.subscribe(["shop.order.paid", "a.b"])) {
  if (typeof msg !== "number") { const state: "new" | "paid" | undefined = msg.state; void state; }
}
for await (const { msg } of bus.subscribe()) { const body: unknown = msg; void body; }
`;

/** Each line alone must not compile. */
const wrong = [
  `await publisher.publish("shop.order.created", { id: "1" });`,
  `await publisher.publish("shop.order.created", {});`,
  `await publisher.publish("old.order", { id: 1, state: "lost" });`,
  `await publisher.publish("a.b", "text");`,
  `await publisher.publish("never", 1);`,
  `for await (const { msg } of bus.subscribe("shop.order.paid")) void (msg.id satisfies string);`,
  `for await (const { msg } of bus.subscribe("not.described")) void msg.id;`,
];

const opening = `import { openBus } from "fedbus";\nimport "./topics.js";\nconst bus = await openBus();\nconst publisher = bus.publisher();\nvoid publisher;\n`;

t.test(
  "types: publish and subscribe take what the schemas say, and nothing else",
  { skip },
  async (t) => {
    const text = await declarationsOf(listings(), await loadConverter());
    t.match(text, /namespace ShopOrder \{[\s\S]*namespace ShopOrder2 \{/);
    t.match(text, /Not described/, "a reference to elsewhere is fetched by nobody");
    const dir = t.testdir({ "topics.ts": text, "right.ts": right });
    for (const [index, line] of wrong.entries())
      await writeFile(join(dir, `wrong${index}.ts`), opening + line);
    await writeFile(join(dir, "package.json"), `{"type":"module"}`);
    await writeFile(
      join(dir, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "es2023",
          lib: ["es2023", "esnext.disposable"],
          module: "nodenext",
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          types: ["node"],
          typeRoots: [join(root, "node_modules/@types")],
          paths: { fedbus: [join(root, "build/index.d.ts")] },
        },
        include: ["*.ts"],
      }),
    );
    const { stdout } = await run(tsc, ["-p", dir], { cwd: root }).catch(
      (error: { stdout: string }) => error,
    );
    const faulty = [...stdout.matchAll(/(\w+)\.ts\(\d+,\d+\): error/g)].map(([, file]) => file);
    t.strictSame(
      [...new Set(faulty)].sort(),
      wrong.map((_, index) => `wrong${index}`),
      stdout,
    );
  },
);
