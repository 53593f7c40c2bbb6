import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import t, { type Test } from "tap";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const data = process.env.FEDBUS_DATA ?? join(root, "../shared/data");

/** What a program that plays an example has printed. */
export interface Played {
  readonly lines: readonly string[];
  readonly isReal: boolean;
}

/**
 * Runs an example's `play.mjs` over what it makes up, and over the real data if that is here (`set` names its folder).
 * What its README shows as text came from the real data: there each line of it must come again.
 */
export function testPlay(
  name: string,
  set: string,
  check: (t: Test, played: Played) => void | Promise<void>,
): void {
  const isHere = existsSync(join(data, set));
  for (const isReal of isHere ? [false, true] : [false])
    t.test(`${name}: played over ${isReal ? "real" : "made-up"} events`, async (t) => {
      const lines = await play(name, isReal ? data : "/nowhere");
      t.comment(lines.join("\n"));
      await check(t, { lines, isReal });
      if (!isReal) return;
      const shown = await shownIn(name);
      t.ok(shown.length > 0, "the README shows what one sees");
      for (const line of shown) t.ok(lines.includes(line), line);
    });
}

/** The number that a pattern finds in one of the lines. */
export function numberIn(lines: readonly string[], pattern: RegExp): number {
  const found = lines.map((line) => pattern.exec(line)?.[1]).find((text) => text !== undefined);
  return Number(found);
}

/** An example imports `fedbus` by its name: here that is what was built for the tests. */
async function play(name: string, from: string): Promise<string[]> {
  const names = { fedbus: "index.js", "fedbus/consumers": "consumers/index.js" };
  const urls = Object.fromEntries(
    Object.entries(names).map(([name, file]) => [
      name,
      pathToFileURL(join(root, "build", file)).href,
    ]),
  );
  const hook = moduleOf(
    `const urls = ${JSON.stringify(urls)};
     export const resolve = (name, context, next) => next(urls[name] ?? name, context);`,
  );
  const preload = moduleOf(
    `import { register } from "node:module"; register(${JSON.stringify(hook)});`,
  );
  const program = join(root, "examples", name, "play.mjs");
  const { stdout } = await run(process.execPath, ["--import", preload, program], {
    env: { ...process.env, FEDBUS_DATA: from },
  });
  return stdout.trimEnd().split("\n");
}

function moduleOf(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

async function shownIn(name: string): Promise<string[]> {
  const page = await readFile(join(root, "examples", name, "README.md"), "utf8");
  return [...page.matchAll(/```text\n([\s\S]*?)```/g)].flatMap((block) =>
    block[1]!.split("\n").filter((line) => line !== ""),
  );
}
