import { existsSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";

/** Another empty directory of the test: `t.testdir` would empty the one that it gave before. */
export function scratch(t: Test): string {
  const root = existsSync(t.testdirName) ? t.testdirName : t.testdir();
  return mkdtempSync(join(root, "d"));
}
