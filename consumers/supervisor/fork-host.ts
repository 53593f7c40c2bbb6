import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SupervisorLimits } from "./limits.js";

/** What the processes of consumers are given. */
export interface HostSurroundings {
  /** Their environment: nothing else of this process's is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** Their working directory; it is made. */
  readonly cwd: string;
}

const program = fileURLToPath(new URL("./host-process.js", import.meta.url));

/** Starts a process for a consumer; it waits for its first message. */
export function forkHost(
  { env, cwd }: HostSurroundings,
  { heapMbMax }: Pick<SupervisorLimits, "heapMbMax">,
): ChildProcess {
  mkdirSync(cwd, { recursive: true });
  return fork(program, [], {
    execArgv: [`--max-old-space-size=${heapMbMax}`],
    env: { ...env },
    cwd,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}
