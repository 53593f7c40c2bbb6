// Compiles into an empty folder, so that nothing of renamed or removed files is left in it.
// Usage: node scripts/build.mjs [PROJECT]
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
// The native compiler itself: its Node wrapper cannot run under what tap loads into child processes.
import getExePath from "../node_modules/typescript/lib/getExePath.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const project = process.argv[2] ?? "tsconfig.json";
const { outDir } = JSON.parse(readFileSync(`${root}/${project}`, "utf8")).compilerOptions;

rmSync(`${root}/${outDir}`, { recursive: true, force: true });
const { status } = spawnSync(getExePath(), ["-p", project], { cwd: root, stdio: "inherit" });
const bin = `${root}/${outDir}/cli/main.js`;
if (existsSync(bin)) chmodSync(bin, 0o755);
process.exitCode = status ?? 1;
