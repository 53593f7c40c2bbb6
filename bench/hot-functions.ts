// Where a CPU profile's time went, by function. Usage: node build/bench/hot-functions.js PROFILE [EVENTS]
import { readFileSync } from "node:fs";
import { basename } from "node:path";

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  /** The node that each sample found running, and the microseconds since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Functions shown. */
const shownMax = 30;

/** Microseconds that each function ran itself, most first. Time off the CPU counts as well. */
function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): [string, number][] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url === "" ? "" : ` ${basename(url)}:${lineNumber + 1}`;
      return [id, `${functionName || "(anonymous)"}${place}`];
    }),
  );
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id)!;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]!);
  }
  return [...times].sort(([, a], [, b]) => b - a);
}

const [path, events = "1"] = process.argv.slice(2);
if (path === undefined) {
  console.error("Usage: node build/bench/hot-functions.js PROFILE [EVENTS]");
  process.exit(2);
}
const times = selfTimes(JSON.parse(readFileSync(path, "utf8")) as CpuProfile);
const total = times.reduce((sum, [, us]) => sum + us, 0);
console.log(`${(total / 1e6).toFixed(1)} s; µs an event, share, function`);
for (const [name, us] of times.slice(0, shownMax))
  console.log(
    `${(us / Number(events)).toFixed(3).padStart(9)} ${((us / total) * 100).toFixed(1).padStart(5)} %  ${name}`,
  );
