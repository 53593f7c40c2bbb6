import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t, { type Test } from "tap";
import { type Bus, openBus } from "../../bus/index.js";
import { loadPlugin, promoteModel } from "../../consumers/index.js";
import { patienceMs } from "../bus/seed.js";
import { eventsOn, start } from "../consumers/running.js";
import { publish } from "../consumers/serve/models.js";

t.setTimeout(patienceMs);
const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = await readFile(join(root, "docs/serving.md"), "utf8");

/** The last program on the page that begins with its name. */
function programOf(name: string): string {
  const blocks = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, text]) => text!);
  return blocks.findLast((text) => text.startsWith(`// ${name}`))!;
}

/** What the page says comes out, as values. */
function saidIn(name: string): string[][] {
  const block = new RegExp(`<!-- ${name}: begin -->\n\`\`\`text\n([\\s\\S]*?)\`\`\``).exec(page);
  return block![1]!
    .trim()
    .split("\n")
    .map((line) => line.split(/, /));
}

/** What `fedbus query --fields` prints of events. */
async function fieldsOf(bus: Bus, topic: string, paths: readonly string[]): Promise<string[][]> {
  return (await eventsOn(bus, topic)).map(({ msg }) =>
    paths.map((path) => {
      const value = path.split(".").reduce((at, name) => (at as Members | undefined)?.[name], msg);
      return typeof value === "object" ? JSON.stringify(value) : String(value ?? "-");
    }),
  );
}

type Members = Readonly<Record<string, unknown>>;

/** The same texts; figures may differ from one machine to another in what comes late. */
function compare(t: Test, found: readonly string[][], said: readonly string[][]): void {
  const rounded = (rows: readonly string[][]) =>
    rows.map((row) =>
      row.map((text) => (/^\d+\.\d+$/.test(text) ? Number(text).toFixed(2) : text)),
    );
  t.strictSame(rounded(found), rounded(said));
}

t.test("docs/serving.md: the worked example comes out as it says", async (t) => {
  const dir = t.testdir({
    "payments.mjs": programOf("payments.mjs"),
    "learn.mjs": programOf("learn.mjs"),
    "scores.mjs": programOf("scores.mjs"),
  });
  const bus = await openBus();
  t.teardown(() => bus.close());
  const shop = async (from: number, to: number): Promise<void> => {
    for (const kind of ["made", "checked"]) {
      const program = [join(dir, "payments.mjs"), kind, String(from), String(to)];
      const { stdout } = await run(process.execPath, program);
      const events = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
      await publish(
        bus,
        events.map((msg) => ({ topic: `shop.payment.${kind}`, msg })),
      );
    }
  };
  const once = async (file: string): Promise<void> => {
    const { consumer } = await loadPlugin(file, { from: dir });
    const running = start(bus, consumer, { dir: join(dir, consumer.name) });
    await running.caughtUp();
    await running.stop();
  };
  await shop(0, 1000);
  await once("learn.mjs");
  await once("scores.mjs");
  t.equal((await eventsOn(bus, "shop.payment.scored")).length, 0, "they wait");
  await promoteModel(bus, "fraud@1");
  await once("scores.mjs");
  t.equal((await eventsOn(bus, "shop.payment.scored")).length, 1_000);

  await shop(1000, 2000);
  await once("learn.mjs");
  await shop(2000, 3000);
  await once("scores.mjs");
  const shadow = ["id", "version", "output", "active.version", "active.output"];
  compare(t, (await fieldsOf(bus, "models.fraud.shadow", shadow)).slice(0, 1), saidIn("shadow"));
  const canary = ["version", "state", "reason", "value", "baseline", "outcomes"];
  compare(t, await fieldsOf(bus, "models.fraud.canary", canary), saidIn("canary"));

  const wrong = programOf("learn.mjs").replace(
    `label: "msg.fraud"`,
    "label: ({ msg }) => !msg.fraud",
  );
  await writeFile(join(dir, "wrong.mjs"), wrong);
  await once("wrong.mjs");
  await promoteModel(bus, "fraud@3");
  await shop(3000, 4000);
  await once("scores.mjs");
  const back = ["version", "to.version", "metric", "value", "baseline"];
  const rolledBack = await fieldsOf(bus, "models.fraud.rolled-back", back);
  const promoted = await fieldsOf(bus, "models.fraud.promoted", ["version", "reason"]);
  compare(t, [...rolledBack, ...promoted], saidIn("rollback"));
});
