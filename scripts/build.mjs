// Compiles into an empty folder beside the wanted one and then takes its place, so that nothing of renamed
// or removed files is left in it, and a build that is broken off leaves the one before as it was.
// Usage: node scripts/build.mjs [PROJECT]
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
// The native compiler itself: its Node wrapper cannot run under what tap loads into child processes.
import getExePath from "../node_modules/typescript/lib/getExePath.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const project = process.argv[2] ?? "tsconfig.json";
const { outDir } = JSON.parse(readFileSync(`${root}/${project}`, "utf8")).compilerOptions;
const target = `${root}/${outDir}`;
const fresh = `${root}/.build-${outDir}`;

const remove = (folder) => rmSync(folder, { recursive: true, force: true });

remove(fresh);
const { status } = spawnSync(getExePath(), ["-p", project, "--outDir", fresh], {
  cwd: root,
  stdio: "inherit",
});
const main = `${fresh}/cli/main.js`;
if (existsSync(main)) chmodSync(main, 0o755);
// What does not compile is put in place too: its tests can still run while somebody works on it.
if (status !== null && existsSync(fresh)) {
  remove(target);
  renameSync(fresh, target);
}
process.exitCode = status ?? 1;
