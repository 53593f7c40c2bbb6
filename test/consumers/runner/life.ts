import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

const program = new URL("./ledger-child.js", import.meta.url);

/** What a life of the ledger is started with. */
export interface LifeOptions {
  readonly url: string;
  readonly dir: string;
  /** The step of the runner that is the last one. Default: none. */
  readonly killAt?: number;
  readonly limits?: object;
  /** Which process of several it is. */
  readonly partition?: { readonly index: number; readonly count: number };
}

/** A life of the ledger in a process of its own. */
export class Life {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  /** The next offset that is not committed. */
  next = -1;

  constructor(options: LifeOptions) {
    this.process = fork(program, [JSON.stringify(options)], { execArgv: [] });
    this.exited = once(this.process, "exit");
    this.process.on("message", (message) => {
      if (typeof message === "number") this.next = message;
    });
  }

  get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Waits until it has committed everything up to `head`, or has ended. */
  async caughtUp(head: number): Promise<void> {
    while (this.next < head && !this.ended) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.exited;
  }

  /** Lets it come to an end; its exit code. */
  async end(): Promise<number | null> {
    this.process.send("end");
    await this.exited;
    return this.process.exitCode;
  }
}
