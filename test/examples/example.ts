import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t, { type Test } from "tap";
import type { Envelope } from "../../schemas/index.js";
import { withBus } from "./made-up.js";
import type { Example, Outcome } from "./outcome.js";
import { asWritten } from "./written.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const data = process.env.FEDBUS_DATA ?? join(root, "../shared/data");

/**
 * Runs an example twice, and has both checked: its plugins in this process over what its publisher makes up; and the
 * commands of its README as they stand there, over the real data if that is here (`set` names its folder), else
 * over the same made-up input. What the README shows came from the real data: there each line of it must come again.
 */
export function testExample(
  name: string,
  set: string,
  check: (t: Test, outcome: Outcome) => Promise<void>,
): void {
  const isReal = existsSync(join(data, set));
  t.test(`${name}: the plugins, over made-up input`, async (t) => {
    const example = await read(name);
    await check(t, await withBus(t, example, await inputOf(example, "/nowhere")));
  });
  t.test(`${name}: the README's commands, over ${isReal ? "real" : "made-up"} input`, async (t) => {
    const example = await read(name);
    const input = await inputOf(example, data);
    const { said, ...outcome } = await asWritten(t, example, { root, data });
    await check(t, { input, ...outcome });
    t.ok(example.shown.length > 0, "the README shows what one sees");
    if (isReal) for (const line of example.shown) t.ok(said.includes(line), line);
  });
}

async function read(name: string): Promise<Example> {
  const dir = join(root, "examples", name);
  const page = await readFile(join(dir, "README.md"), "utf8");
  const commands = /```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const shown = [...page.matchAll(/```text\n([\s\S]*?)```/g)].flatMap((block) => {
    return block[1]!.split("\n").filter((line) => line !== "" && line !== "...");
  });
  const plugins = [...commands.matchAll(/fedbus run ([^|\n]*?) --once/g)].flatMap((match) =>
    match[1]!.split(" "),
  );
  return { dir, commands, plugins, shown };
}

async function inputOf({ dir }: Example, from: string): Promise<Envelope[]> {
  const { stdout } = await run(process.execPath, [join(dir, "publish.mjs")], {
    env: { ...process.env, FEDBUS_DATA: from },
    maxBuffer: 2 ** 28,
  });
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Envelope]));
}
