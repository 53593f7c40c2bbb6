import { existsSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Makes `fedbus` resolve from `dir`: where it is not installed, by a link to this package, as
 * `npm link` would. Resolves with whether there is a new link.
 */
export async function linkPackage(dir: string): Promise<boolean> {
  if (isInstalled(dir)) return false;
  await mkdir(join(dir, "node_modules"), { recursive: true });
  await symlink(root, join(dir, "node_modules", "fedbus"), "junction");
  return true;
}

function isInstalled(dir: string): boolean {
  const paths = createRequire(join(dir, "package.json")).resolve.paths("fedbus") ?? [];
  return paths.some((path) => existsSync(join(path, "fedbus", "package.json")));
}
