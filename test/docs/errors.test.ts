import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { errorCodes } from "../../schemas/errors.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** All sources of `dir` as one text. */
async function textOf(dir: string): Promise<string> {
  const names = await readdir(join(root, dir), { recursive: true });
  const sources = names.filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(sources.map((name) => readFile(join(root, dir, name), "utf8")));
  return texts.join("\n");
}

t.test("errors: docs/errors.md is the table of codes", async (t) => {
  const page = await readFile(join(root, "docs/errors.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z_0-9]+)` \| (.*?) \| (yes|no) \| (.+) \|$/gm)];
  const documented = rows.map(([, code, summary, retry, remedy]) => {
    t.not(remedy, "", `${code} says what to do`);
    return [code, { retryable: retry === "yes", summary }];
  });
  t.strictSame(documented, Object.entries(errorCodes));
});

t.test("errors: each code is raised by the source and expected by a test", async (t) => {
  const source = (await Promise.all(["schemas", "bus", "consumers", "cli"].map(textOf))).join("\n");

  const tested = (await Promise.all(["test", "bus/testing"].map(textOf))).join("\n");
  for (const code of Object.keys(errorCodes)) {
    t.ok(source.includes(`"${code}"`), `${code} is raised`);
    t.ok(tested.includes(`"${code}"`), `${code} is tested`);
  }
});
