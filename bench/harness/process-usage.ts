import { readFileSync } from "node:fs";

/** Linux counts a process's time in hundredths of a second. */
const tickMs = 10;

/** CPU time of all threads so far, in milliseconds; NaN where /proc does not tell. */
export function cpuMsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, and may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return Number.NaN;
  }
}

/** Resident memory in MiB, now or at its highest; NaN where /proc does not tell. */
export function residentMibOf(pid: number, which: "now" | "peak"): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const line = which === "now" ? /^VmRSS:\s+(\d+) kB/m : /^VmHWM:\s+(\d+) kB/m;
    return Number(line.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
