#!/usr/bin/env node
// Committed, while dist/ is built: npm links a command only where its file is there at install time.
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  process.stderr.write(
    "fedbus is not built yet in this checkout: run `npm start` or `npm run build` there first\n",
  );
  process.exitCode = 1;
}
