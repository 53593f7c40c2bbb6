import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { asyncApiDocument, readSchemaFolder, SchemaRegistry } from "../../../schemas/index.js";
import { realPath, skipWithoutData } from "../../real-data.js";

/** What is used of the official parser, which takes 112 MB: it is looked for, and not depended on. */
interface Sdk {
  readonly Parser: new () => {
    parse(
      text: string,
    ): Promise<{ document?: object; diagnostics: { severity: number; message: string }[] }>;
  };
}

const name: string = "@asyncapi/parser";
const folder = fileURLToPath(new URL(`../../../../node_modules/${name}`, import.meta.url));
const skip = existsSync(folder)
  ? false
  : `${name} is not installed (npm install --no-save ${name})`;

/** What the official parser finds wrong. */
async function faultsIn(document: object): Promise<string[]> {
  const { Parser } = (await import(name)) as Sdk;
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  return diagnostics.filter(({ severity }) => severity === 0).map(({ message }) => message);
}

function registry(): SchemaRegistry {
  const registry = new SchemaRegistry();
  registry.register({ name: "order", version: 1, topics: ["old"], schema: true });
  registry.register({
    name: "order",
    version: 2,
    topics: ["shop.order.*", "stock.#"],
    schema: {
      $id: "https://example.org/order",
      properties: {
        self: { $ref: "#" },
        line: { $ref: "https://example.org/order#/$defs/line" },
        default: { $ref: "#/$defs/line" },
        named: { $ref: "#total" },
        total: { $anchor: "total", type: "number" },
      },
      $defs: { line: { type: "object", examples: [{ $ref: "#" }] } },
    },
  });
  registry.register({
    name: "a/b",
    version: 1,
    topics: ["x"],
    schema: {
      $schema: "http://json-schema.org/draft-04/schema#",
      id: "http://example.org/x#",
      minimum: 1,
      exclusiveMinimum: true,
      maximum: 5,
      exclusiveMaximum: false,
    },
  });
  return registry;
}

t.test("asyncapi: channels are topic patterns, messages the latest versions", async (t) => {
  const document = asyncApiDocument(registry().list(), { title: "shop" });
  const at = "#/components/messages/order/payload/properties/msg";
  t.match(document, {
    asyncapi: "3.0.0",
    info: { title: "shop" },
    channels: {
      "shop.order.ANY": {
        address: "shop.order.*",
        messages: { order: { $ref: "#/components/messages/order" } },
      },
      "stock.REST": { address: "stock.#" },
    },
    operations: {
      "publish-shop.order.ANY": { action: "send", channel: { $ref: "#/channels/shop.order.ANY" } },
      "subscribe-x": { action: "receive" },
    },
    components: {
      messages: {
        order: {
          payload: {
            required: ["topic", "msg"],
            properties: {
              msg: {
                properties: {
                  self: { $ref: at },
                  line: { $ref: `${at}/$defs/line` },
                  default: { $ref: `${at}/$defs/line` },
                  named: { $ref: `${at}/properties/total` },
                },
                $defs: { line: { examples: [{ $ref: "#" }] } },
              },
            },
          },
        },
      },
    },
  });
  const { channels, components } = document as Record<string, Record<string, object>>;
  t.notOk("old" in channels!, "a version before binds nothing");
  t.strictSame(
    (components!.messages as Record<string, { payload: { properties: { msg: unknown } } }>).a_2fb
      ?.payload.properties.msg,
    { exclusiveMinimum: 1, maximum: 5 },
  );
});

t.test("asyncapi: the official parser finds nothing wrong", { skip }, async (t) => {
  t.same(await faultsIn(asyncApiDocument(registry().list())), []);
});

t.test("asyncapi: nor with all schemas of Fedora", { skip: skip || skipWithoutData }, async (t) => {
  const all = new SchemaRegistry();
  for (const definition of await readSchemaFolder(realPath("schemas"))) all.register(definition);
  t.same(await faultsIn(asyncApiDocument(all.list())), []);
});
