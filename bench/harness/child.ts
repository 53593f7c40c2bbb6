import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a child process can be asked to do. Parameters and results travel as JSON. */
export type Role = Readonly<Record<string, (params: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly call: string;
  readonly params: unknown;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Makes this process play `role` for its parent, until the parent lets go of it. */
export function play<R extends Role>(role: R): void {
  process.on("message", async ({ id, call, params }: Question) => {
    let reply: Reply;
    try {
      reply = { id, result: await role[call]!(params as never) };
    } catch (error) {
      reply = {
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
    if (process.connected) process.send!(reply);
  });
  process.on("disconnect", () => process.exit(0));
}

/** Starts the program `bench/roles/NAME` in a process of its own. */
export function startRole<R extends Role>(
  name: string,
  execArgv: readonly string[] = [],
): Child<R> {
  return new Child<R>(new URL(`../roles/${name}.js`, import.meta.url), execArgv);
}

/** Arguments that make a child write its CPU profile into `folder`; none without a folder. */
export function cpuProfile(folder: string | undefined, name: string): string[] {
  if (folder === undefined) return [];
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}

/** A child process that plays a role. */
export class Child<R extends Role> {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(module: URL, execArgv: readonly string[]) {
    this.#process = fork(module, { execArgv: [...execArgv], stdio: ["ignore", 2, 2, "ipc"] });
    this.#process.on("message", (reply: Reply) => this.#settle(reply));
    this.#process.on("exit", (code, signal) => this.#failAll(`it ended with ${signal ?? code}`));
  }

  get pid(): number {
    return this.#process.pid!;
  }

  call<K extends keyof R & string>(
    call: K,
    ...[params]: Parameters<R[K]>
  ): Promise<Awaited<ReturnType<R[K]>>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#process.send({ id, call, params } satisfies Question, (error) => {
        if (error !== null) this.#settle({ id, error: error.message });
      });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends the process: by itself, or with a signal. */
  async end(signal?: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    if (signal === undefined) this.#process.disconnect();
    else this.#process.kill(signal);
    await exited;
  }

  #settle({ id, result, error }: Reply): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result as never);
    else pending?.reject(new Error(error));
  }

  #failAll(why: string): void {
    for (const id of [...this.#pending.keys()])
      this.#settle({ id, error: `a child process failed: ${why}` });
  }
}
