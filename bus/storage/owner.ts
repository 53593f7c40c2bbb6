import { readFile } from "node:fs/promises";

/** A process, told apart from an earlier one that had the same number. */
export interface Owner {
  readonly pid: number;
  /** The boot and the moment in it that the process started; empty where that cannot be known. */
  readonly started: string;
}

export async function currentOwner(): Promise<Owner> {
  return { pid: process.pid, started: await startOf(process.pid) };
}

/** Whether the process that `owner` names still runs. */
export async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, but is another user's.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return (await startOf(owner.pid)) === owner.started;
}

/** Linux: the boot's id, and the start time in ticks since boot, field 22 of /proc/PID/stat. */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, and may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Z and X: it has ended, and only its parent has not noticed.
    return /^[ZX]$/.test(fields[0] ?? "") ? "ended" : `${boot.trim()}:${fields[19]}`;
  } catch {
    return "";
  }
}
