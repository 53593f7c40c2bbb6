import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("append-forever.js", import.meta.url));

export interface AppenderOptions {
  readonly seed?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A command to run it under, such as strace, with its arguments. */
  readonly under?: readonly string[];
}

/** Starts a process that appends to the log in `dir`; resolves when it has the log open. */
export async function startAppender(
  dir: string,
  oracle: string,
  { seed = 1, env = {}, under = [] }: AppenderOptions = {},
): Promise<ChildProcess> {
  const [command = "", ...rest] = [...under, process.execPath, program, dir, oracle, `${seed}`];
  const child = spawn(command, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const opened = once(child.stdout, "data");
  const ended = once(child, "exit").then(() => {
    throw new Error(`the appender ended: ${complaints}`);
  });
  ended.catch(() => {});
  await Promise.race([opened, ended]);
  return child;
}

/** Kills the process with SIGKILL and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
