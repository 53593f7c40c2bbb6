// Loaded into every test: as it ends, it tells in a comment of its TAP what it has cost, with all processes that it has
// started and waited for. Only Linux knows of those.
import { readFileSync } from "node:fs";

/** The kernel counts in hundredths of a second, whatever its clock does. */
const ticksPerSecond = 100;

process.on("exit", () => {
  if (!process.argv[1]?.endsWith(".test.js")) return;
  const seconds = cpuSeconds();
  if (seconds !== undefined) process.stdout.write(`# cpu=${seconds.toFixed(2)}s\n`);
});

function cpuSeconds() {
  try {
    // The name stands in brackets and may hold anything; user and system time are the 14th and the 15th, those of
    // the children the next two.
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ").pop().split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
  } catch {
    return undefined;
  }
}
