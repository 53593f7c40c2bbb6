import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { openBus } from "../../bus/open-bus.js";
import { cli } from "./spawn-cli.js";

t.test("describe: terse lines say what a module makes of events", async (t) => {
  const dir = t.testdir();
  const log = join(dir, "log");
  const bus = await openBus({ dir: log });
  await bus.registerSchema({ name: "order", version: 1, topics: ["shop.order"], schema: {} });
  const publisher = bus.publisher();
  await publisher.publish("shop.order", { id: 7, who: "ann\u001b[31m" });
  await publisher.publish("shop.order", null);
  await publisher.publish("shop.else", { n: 1 });
  await bus.close();
  const lines = [
    'import { describe } from "fedbus/schemas";',
    "export default describe({",
    '  schema: "order",',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the module's text.
    "  describe: ({ msg }: any) => ({ subtitle: `${msg.who} ordered`, link: `https://x.org/${msg.id}` }),",
    "});",
  ];
  await writeFile(join(dir, "describe.ts"), lines.join("\n"));
  const line = ["query", "shop.#", "--dir", log, "--describe", "./describe.ts"];
  const { code, out, err } = await cli([...line, "--terse"], { cwd: dir });
  t.equal(code, 0, err);
  const [first = "", second, third] = out.split("\n");
  t.match(first, /shop\.order ann\\u001b\[31m ordered https:\/\/x\.org\/7$/);
  t.match(second, /shop\.order null$/);
  t.match(third, /shop\.else n=1$/);
  t.match(err, /Not described, of 1 events the first: an event on shop\.order/);
  t.match(await cli(line, { cwd: dir }), { code: 2, err: /--terse/ });
  await writeFile(join(dir, "other.ts"), "export default 1;");
  const wrong = ["tail", "--terse", "--dir", log, "--describe", "./other.ts"];
  t.match(await cli(wrong, { cwd: dir }), { code: 2, err: /describes nothing \(PLUGIN_INVALID/ });
});
