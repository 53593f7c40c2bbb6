import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { Cli, cli, fixedAddresses, hubUrl, startHub } from "./spawn-cli.js";

/** Real events of Fedora's bus; not part of the repository. */
const data =
  process.env.FEDBUS_DATA ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));
const file = join(data, "fedora", "messages.ndjson");
const skip = existsSync(file) ? false : `no real events at ${file} (set FEDBUS_DATA)`;

interface Real {
  readonly topic: string;
  readonly msg: { readonly agent?: unknown };
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function isByAgent(line: string, agent: string): boolean {
  const { msg } = JSON.parse(line) as Real;
  return typeof msg === "object" && msg !== null && msg.agent === agent;
}

t.test("end to end: 888 real events through the command line", { skip }, async (t) => {
  const root = t.testdir();
  const dir = join(root, "log");
  const lines = linesOf(await readFile(file, "utf8"));
  const category = lines.filter((line) =>
    /^org\.fedoraproject\.[^.]+\.buildsys\./.test((JSON.parse(line) as Real).topic),
  );
  const listen = await fixedAddresses();
  const first = await startHub(dir, listen);
  const tail = new Cli([
    ...["tail", "org.fedoraproject.*.buildsys.#", "--from", "earliest", "--json"],
    ...["--limit", String(category.length), "--hub", await hubUrl(dir)],
  ]);
  t.teardown(() => tail.child.kill("SIGKILL"));

  // Half of them, then the hub is killed in the middle of the rest.
  const half = 444;
  const publish = ["publish", "--envelopes", "--dir", dir, "--json"];
  const input = (from: number, to?: number) => `${lines.slice(from, to).join("\n")}\n`;
  const before = await cli(publish, { input: input(0, half) });
  t.match(JSON.parse(before.out), { accepted: half, refused: 0 });
  const since = new Date().toISOString();
  const broken = new Cli([...publish, "--rate", "200/s"], { input: input(half) });
  await t.resolves(until(async () => (await headOf(dir)) > half + 40));
  await first.stop("SIGKILL");
  const second = await startHub(dir, listen);
  t.teardown(() => second.child.kill("SIGKILL"));
  const after = await broken.ended;
  const tally = JSON.parse(after.out) as { accepted: number; refused: number };
  t.comment(`killed the hub; published after it: ${tally.accepted} accepted`);
  t.same(tally, { ...tally, accepted: lines.length - half, refused: 0 });

  const tailed = await tail.ended;
  t.equal(tailed.code, 0);
  t.same(
    linesOf(tailed.out).map((line) => (JSON.parse(line) as { event: Real }).event),
    category.map((line) => JSON.parse(line) as Real),
    `${category.length} events of one category, in order, each once`,
  );

  const byTime = await cli(["query", "--since", since, "--fields", "offset", "--dir", dir]);
  t.equal(linesOf(byTime.out).length, lines.length - half, "a query by time");
  const byField = await cli(["query", "--where", `msg.agent == "ralph"`, "--json", "--dir", dir]);
  const ralphs = lines.filter((line) => isByAgent(line, "ralph"));
  t.equal(linesOf(byField.out).length, ralphs.length, `a query by field: ${ralphs.length}`);
  t.ok(ralphs.length > 0);

  t.match(await cli(["log", "verify", "--dir", dir]), { code: 0, out: /^intact: 888 events/ });
  const replayed = await cli(["replay", "--dir", dir]);
  t.same(linesOf(replayed.out), lines, "every byte as it was sent");

  const exported = join(root, "export.ndjson");
  const other = join(root, "other");
  t.match(await cli(["log", "export", "--output", exported, "--dir", dir]), { code: 0 });
  const imported = await cli(["log", "import", exported, "--dir", other, "--json"]);
  t.match(JSON.parse(imported.out), { accepted: lines.length, refused: 0 });
  t.equal((await cli(["replay", "--dir", other])).out, replayed.out, "the second log is the same");
  t.match(await second.stop(), { code: 0 });
});

async function headOf(dir: string): Promise<number> {
  const { out } = await cli(["log", "info", "--json", "--dir", dir]);
  return (JSON.parse(out) as { head: number }).head;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
