import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Output } from "../../cli/output.js";
import { run } from "../../cli/run.js";
import { patienceMs } from "../bus/seed.js";

const main = fileURLToPath(new URL("../../cli/main.js", import.meta.url));

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

/** A command line that runs in a process of its own. */
export class Cli {
  readonly child: ChildProcess;
  out = "";
  err = "";
  readonly ended: Promise<Ended>;

  constructor(line: readonly string[], options: SpawnOptions = {}) {
    this.child = spawn(process.execPath, [main, ...line], {
      env: environmentWith(options.env),
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
    const deadline = performance.now() + patienceMs;
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

function environmentWith(more: SpawnOptions["env"]): NodeJS.ProcessEnv {
  const { FEDBUS_DIR: _dir, FEDBUS_HUB: _hub, ...inherited } = process.env;
  return { ...inherited, NO_COLOR: "1", ...more };
}

/** Runs a command line to its end, in a process of its own. */
export function spawned(line: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  return new Cli(line, { input: "", ...options }).ended;
}

/** Whether a command line runs in this process: there is one working directory. */
let isRunning = false;

/**
 * Runs a command line to its end, in this process: all of it but `main.ts`, without what it costs to start one. In a
 * process of its own while another one is under way.
 */
export async function cli(line: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  const before = process.cwd();
  const { cwd = before } = options;
  if (isRunning) return await spawned(line, options);
  isRunning = true;
  const [out, err] = [new Collected(), new Collected()];
  process.chdir(cwd);
  try {
    const code = await run({
      line,
      environment: environmentWith(options.env),
      input: Readable.from([Buffer.from(options.input ?? "")]),
      out: new Output(out),
      err: new Output(err, { lossy: true }),
      signal: new AbortController().signal,
      version: "0.0.0",
      cwd,
    });
    return { code, out: out.text, err: err.text };
  } finally {
    process.chdir(before);
    isRunning = false;
  }
}

/** Keeps what is written into it. */
class Collected extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
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
