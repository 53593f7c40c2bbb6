import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { pluginKinds } from "../../cli/init/scaffold.js";
import { loadPlugin } from "../../consumers/index.js";
import { cli } from "./spawn-cli.js";

const built = fileURLToPath(new URL("../..", import.meta.url));

/** Puts what was built here where an installed fedbus would be. */
function installInto(folder: string): void {
  const dir = join(folder, "node_modules", "fedbus");
  mkdirSync(dir, { recursive: true });
  symlinkSync(built, join(dir, "dist"));
  const exports = { "./testing": "./dist/testing.js" };
  writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "fedbus", exports }));
}

function nodeTest(cwd: string): Promise<{ code: unknown; out: string }> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((resolve) =>
    execFile(process.execPath, ["--test"], { cwd, env }, (error, out) =>
      resolve({ code: error?.code ?? 0, out }),
    ),
  );
}

for (const kind of pluginKinds)
  for (const js of [false, true])
    t.test(
      `init: a new ${kind} in ${js ? "JavaScript" : "TypeScript"} passes its test`,
      async (t) => {
        const cwd = t.testdir();
        installInto(cwd);
        const name = `new-${kind}`;
        const line = ["init", "plugin", name, "--kind", kind, "--json", ...(js ? ["--js"] : [])];
        const { code, out } = await cli(line, { cwd });
        t.match({ code, ...JSON.parse(out) }, { code: 0, kind, linked: false });
        const dir = join(cwd, name);
        t.equal(existsSync(join(dir, js ? "plugin.js" : "plugin.ts")), true);
        t.equal(
          (await loadPlugin(dir, { from: cwd })).consumer.name,
          name,
          "a package by its main",
        );
        const tested = await nodeTest(dir);
        t.match(tested, { code: 0, out: /^# pass 1$/m }, tested.out);
      },
    );

t.test("init: links this package where none is installed, and keeps what is there", async (t) => {
  const cwd = t.testdir();
  const { out } = await cli(["init", "plugin", "deep/one", "--json"], { cwd });
  const { linked, dir } = JSON.parse(out) as { linked: boolean; dir: string };
  // The repository itself is above this folder, and is no package that its own modules find.
  t.equal(linked, true);
  t.match(JSON.parse(readFileSync(join(dir, "node_modules/fedbus/package.json"), "utf8")), {
    name: "fedbus",
  });
  t.equal(relative(cwd, dir), "deep/one");
  t.match(await cli(["init", "plugin", "deep/one"], { cwd }), { code: 2, err: /is not empty/ });
  t.match(await cli(["init", "plugin", "Bad Name"], { cwd }), { code: 2, err: /lower-case/ });
  t.match(await cli(["init", "plugin", "a", "--kind", "b"], { cwd }), { code: 2, err: /--kind/ });
});
