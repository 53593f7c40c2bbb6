import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../cli/main.js", import.meta.url));
const waitMsMax = 30_000;

/** How a run of the command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface SpawnOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whether it leads a group of processes, as what is started from a terminal does. */
  readonly isLeader?: boolean;
}

/** A running command line. */
export class Cli {
  readonly child: ChildProcess;
  out = "";
  err = "";
  readonly ended: Promise<Ended>;

  constructor(line: readonly string[], options: SpawnOptions = {}) {
    const { FEDBUS_DIR: _dir, FEDBUS_HUB: _hub, ...inherited } = process.env;
    this.child = spawn(process.execPath, [main, ...line], {
      env: { ...inherited, NO_COLOR: "1", ...options.env },
      cwd: options.cwd,
      detached: options.isLeader ?? false,
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
    });
    this.child.stdin?.on("error", () => {});
    if (options.input !== undefined) this.child.stdin?.end(options.input);
    this.ended = once(this.child, "close").then(([code]) => ({
      code: code as number | null,
      out: this.out,
      err: this.err,
    }));
  }

  /** Resolves when standard output matches; rejects if the process ends or takes too long. */
  async until(pattern: RegExp, stream: "out" | "err" = "out"): Promise<void> {
    const deadline = performance.now() + waitMsMax;
    while (!pattern.test(this[stream])) {
      if (this.child.exitCode !== null || performance.now() > deadline)
        throw new Error(`never came: ${pattern}\n${this.out}\n${this.err}`);
      await sleep(20);
    }
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<Ended> {
    this.child.kill(signal);
    return await this.ended;
  }
}

/** Runs a command line to its end. */
export function cli(line: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  return new Cli(line, { input: "", ...options }).ended;
}

/** Starts a hub over `dir` on a free port. */
export async function startHub(dir: string, line: readonly string[] = []): Promise<Cli> {
  const listen = line.includes("--listen") ? [] : ["--listen", "tcp://127.0.0.1:0"];
  const hub = new Cli(["hub", "--dir", dir, ...listen, ...line]);
  await hub.until(/the hub is running/, "err");
  return hub;
}

/** Options for a hub that can be started again where it was. */
export async function fixedAddresses(): Promise<readonly string[]> {
  const servers = [createServer(), createServer()] as const;
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const [listen, broadcast] = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) await once(server.close(), "close");
  const at = "tcp://127.0.0.1";
  return ["--listen", `${at}:${listen}`, "--broadcast", `${at}:${broadcast}`];
}

/** The address of the hub that runs over `dir`. */
export async function hubUrl(dir: string): Promise<string> {
  const { url } = JSON.parse(await readFile(join(dir, "hub.json"), "utf8")) as { url: string };
  return url;
}
