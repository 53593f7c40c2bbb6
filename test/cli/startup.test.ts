import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { cli, spawned } from "./spawn-cli.js";

const root = new URL("../../", import.meta.url).href;
const preload = new URL("./loaded-modules-child.js", import.meta.url).href;
const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
) as Record<string, Record<string, string>>;
const dependedOn = Object.keys({ ...dependencies, ...optionalDependencies });

/** What a process has loaded. */
interface Loaded {
  /** Of the packages that fedbus depends on. */
  readonly packages: readonly string[];
  readonly floors: readonly string[];
}

/** What each process of a command line loads, the command's own first, whatever comes of it. */
async function loadedBy(dir: string, line: readonly string[]): Promise<readonly Loaded[]> {
  const lists = join(dir, "loaded");
  rmSync(lists, { recursive: true, force: true });
  mkdirSync(lists);
  const env = { NODE_OPTIONS: `--import=${preload}`, FEDBUS_LOADED_MODULES: lists };
  await spawned(line, { env, cwd: dir });
  const files = (await readdir(lists)).sort(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
  );
  return await Promise.all(
    files.map(async (file) => whatIsIn((await readFile(join(lists, file), "utf8")).split("\n"))),
  );
}

function whatIsIn(urls: readonly string[]): Loaded {
  const named = urls.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]);
  const own = urls.filter((url) => url.startsWith(root)).map((url) => url.slice(root.length));
  return {
    packages: dependedOn.filter((name) => named.includes(name)).sort(),
    floors: [...new Set(own.map((path) => path.split("/", 1)[0] ?? ""))]
      .filter((floor) => floor !== "test")
      .sort(),
  };
}

const parser = ["ms", "picocolors", "yargs"];
const bus = ["bus", "cli", "schemas"];

t.test("startup: a command loads what it needs, and nothing of the others", async (t) => {
  const dir = t.testdir();
  const at = ["--dir", dir];
  const nowhere = ["--hub", "tcp://127.0.0.1:1"];
  const lines: readonly (readonly [
    line: readonly string[],
    packages: string[],
    floors: string[],
  ])[] = [
    [["--version"], ["ms", "picocolors"], ["bus", "cli", "schemas"]],
    [["--help"], parser, bus],
    [["log", "--help"], parser, bus],
    [["publish", "a.b", "1", "--create", ...at], ["level", ...parser], bus],
    [["tail", "--no-follow", ...at], ["level", ...parser], bus],
    [["tail", "--where", "true", ...at], ["@marcbachmann/cel-js", "level", ...parser], bus],
    [["log", "info", ...at], ["level", ...parser], bus],
    [["publish", "a.b", "1", ...nowhere], [...parser, "zeromq"], bus],
    [["tail", ...nowhere], [...parser, "zeromq"], bus],
  ];
  for (const [line, packages, floors] of lines)
    t.strictSame(await loadedBy(dir, line), [{ packages, floors }], line.join(" "));
});

t.test(
  "startup: no process of a plugin without a model or options loads ONNX Runtime or ajv",
  async (t) => {
    const dir = t.testdir({
      "count.js": `import { consumer } from "fedbus/consumers";
      export default consumer({ name: "count", topics: ["a.#"], handle() {} });`,
    });
    await cli(["publish", "a.b", "1", "--create"], { cwd: dir });
    const passed = ["NODE_OPTIONS", "FEDBUS_LOADED_MODULES"].flatMap((name) => ["--env", name]);
    const line = ["run", "count.js", "--once", "--listen", "tcp://127.0.0.1:0", ...passed];
    const processes = await loadedBy(dir, line);
    t.ok(processes.length > 1, "it has processes of its own");
    for (const { packages } of processes)
      t.notOk(packages.includes("onnxruntime-node") || packages.includes("ajv"), `${packages}`);
    t.ok(
      processes.slice(1).every(({ packages }) => packages.includes("jiti")),
      "they run the plugin",
    );
  },
);
