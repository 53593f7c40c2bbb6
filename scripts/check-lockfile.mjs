// A lockfile must install from whatever registry a machine is set to, so it may name no addresses.
import { readFileSync } from "node:fs";

const lockfile = process.argv[2] ?? new URL("../package-lock.json", import.meta.url);
const text = readFileSync(lockfile, "utf8");
const { packages } = JSON.parse(text);
const bad = Object.entries(packages).filter(
  ([, entry]) => "resolved" in entry || /^(?:git|https?|file):/.test(entry.version ?? ""),
);
for (const [path] of bad) console.error(`package-lock.json: ${path} records a download address`);
if (bad.length > 0) {
  console.error(
    "Remove the `resolved` fields; .npmrc's omit-lockfile-registry-resolved keeps them out.",
  );
  process.exitCode = 1;
}
