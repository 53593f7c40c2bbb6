import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const cli = join(root, "bin/fedbus.mjs");

/** Examples and the tour use the package as it is published. */
t.before(() => run(process.execPath, ["scripts/build.mjs", "tsconfig.build.json"], { cwd: root }));

/** Resolves once the demo's hub has said that it runs in `dir`. */
async function hubIn(dir: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const text = await readFile(join(dir, ".fedbus/hub.json"), "utf8").catch(() => "");
    if (text !== "") return;
    await sleep(50);
  }
  throw new Error(`the hub ended with ${child.exitCode}`);
}

t.test("examples: each runs to its end", async (t) => {
  const programs = (await readdir(join(root, "examples"))).filter((name) => name.endsWith(".mjs"));
  t.ok(programs.length >= 3);
  for (const name of programs) {
    const { stdout } = await run(process.execPath, [join(root, "examples", name)]);
    t.match(stdout, /stored at|caught up/, name);
  }
});

t.test("readme: the tour does what it says, beside the demo", async (t) => {
  const page = await readFile(join(root, "README.md"), "utf8");
  const tours = ["tour", "consumers"].map((name) => {
    const marked = new RegExp(
      `<!-- ${name}: begin -->\n\`\`\`sh\n([^]*?)\`\`\`\n<!-- ${name}: end -->`,
    );
    return marked.exec(page)?.[1];
  });
  t.ok(tours.every((tour) => tour !== undefined));
  const cwd = t.testdir();
  const demo = ["up", "--demo", "--listen", "tcp://127.0.0.1:*"];
  const hub = spawn(process.execPath, [cli, ...demo], { cwd, stdio: "ignore" });
  const ended = once(hub, "exit");
  await hubIn(cwd, hub);
  const npx = `npx() { shift; "${process.execPath}" "${cli}" "$@"; }`;
  const { stdout, stderr } = await run(
    "bash",
    ["-euo", "pipefail", "-c", `${npx}\n${tours.join("\n")}`],
    {
      cwd,
    },
  );
  const said = `${stdout}\n${stderr}`;
  t.match(said, /refused, as it should be/);
  t.match(said, /shop\.order\.created/);
  t.match(said, /\/msg\/total must be >= 0/);
  t.match(said, /shop\.order\.big/);
  t.match(said, /it would differ/);
  hub.kill("SIGINT");
  t.strictSame(await ended, [0, null], "Ctrl-C ends the demo cleanly");
});

t.test("package: its command is there before it is built, and says what to do", async (t) => {
  const dir = t.testdir();
  await mkdir(join(dir, "bin"));
  await copyFile(cli, join(dir, "bin/fedbus.mjs"));
  await t.rejects(run(process.execPath, [join(dir, "bin/fedbus.mjs"), "topics"]), {
    code: 1,
    stderr: /is not built yet.*`npm run build`/,
  });
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json"], { cwd: root });
  const [{ files }] = JSON.parse(stdout) as [{ files: readonly { path: string }[] }];
  const paths = files.map(({ path }) => path);
  for (const wanted of ["bin/fedbus.mjs", "dist/cli/main.js", "dist/index.d.ts"])
    t.ok(paths.includes(wanted), wanted);
});
