// Holds the import rules of floors.ts over the sources: floors, cycles, doors, and what only cli/
// may use. Usage: node build/scripts/check-floors.js [ROOT]
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";
import { beside, doors, floors, rootFolder, rootOnly } from "./floors.js";

interface Source {
  readonly path: string;
  /** The code without its comments. */
  readonly code: string;
  readonly imports: readonly string[];
}

/** All broken rules under `root`, one line each. */
export function checkFloors(root: string): string[] {
  const sources = listSources(root).map((path) => parse(root, path));
  return [
    ...sources.flatMap((source) => [
      ...checkDirections(source),
      ...checkDoors(source),
      ...checkRootOnly(source),
    ]),
    ...checkCycles(sources),
  ].sort();
}

function listSources(root: string): string[] {
  const folders = [...Object.keys(floors), ...beside];
  const top = readdirSync(root, { withFileTypes: true });
  const single = top.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const nested = top
    .filter((entry) => entry.isDirectory() && folders.includes(entry.name))
    .flatMap(({ name }) =>
      readdirSync(join(root, name), { recursive: true, encoding: "utf8" }).map((file) =>
        posix.join(name, file.replaceAll("\\", "/")),
      ),
    );
  return [...single, ...nested].filter((path) => /(?<!\.d)\.ts$/.test(path));
}

function parse(root: string, path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, "");
  const found = code.matchAll(
    /\b(?:import|export)\b[^;"'`]*?\bfrom\s*"([^"]+)"|(?<!")\b(?:import\s*\(?|require\()\s*"([^"]+)"/g,
  );
  return { path, code, imports: [...found].map((match) => match[1] ?? match[2] ?? "") };
}

function floorOf(path: string): number | undefined {
  const [folder = ""] = path.split("/");
  return path.includes("/") ? floors[folder] : undefined;
}

function targetOf(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}

function checkDirections({ path, imports }: Source): string[] {
  const floor = floorOf(path);
  if (floor === undefined) return [];
  return imports
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => targetOf(path, specifier))
    .filter((target) => (floorOf(target) ?? Number.POSITIVE_INFINITY) > floor)
    .map((target) => `${path} imports ${target}, which is not on its floor or below`);
}

function checkDoors({ path, imports }: Source): string[] {
  if (beside.includes(path.split("/")[0] ?? "")) return [];
  return imports
    .filter((specifier) => !specifier.startsWith(".") && !isBuiltin(specifier))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
    .filter((name) => !(Object.hasOwn(doors, name) && doors[name]?.test(path)))
    .map((name) => `${path} imports ${name}, but is no door for it (scripts/floors.ts)`);
}

function checkRootOnly({ path, code }: Source): string[] {
  if ([rootFolder, ...beside].includes(path.split("/")[0] ?? "")) return [];
  return Object.entries(rootOnly)
    .filter(([, pattern]) => pattern.test(code))
    .map(([what]) => `${path} uses ${what}, which belongs to ${rootFolder}/`);
}

/** One line for each import that closes a cycle, met depth first. */
function checkCycles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const source = byPath.get(path);
    if (source === undefined || done.has(path)) return;
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push(`import cycle: ${[...trail.slice(start), path].join(" > ")}`);
      return;
    }
    for (const specifier of source.imports)
      if (specifier.startsWith(".")) visit(targetOf(path, specifier), [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return cycles;
}

if (process.argv[1] === import.meta.filename) {
  const problems = checkFloors(process.argv[2] ?? ".");
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
