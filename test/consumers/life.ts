import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a life is begun with. */
export interface LifeOptions {
  /** The hub's address. */
  readonly url: string;
  /** Where the consumer keeps its state. */
  readonly dir: string;
  /** The step at which it dies. */
  readonly killAt: number;
  readonly limits: object;
}

/** A life of a consumer in a process of its own, whose program tells how far it has committed. */
export class Life {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  #next = -1;

  constructor(program: URL, options: LifeOptions) {
    this.process = fork(program, [JSON.stringify(options)], { execArgv: [] });
    this.exited = once(this.process, "exit");
    this.process.on("message", (message) => {
      this.#next = message as number;
    });
  }

  get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Waits until all before `offset` is committed, or the process has ended. */
  async reached(offset: number): Promise<void> {
    while (this.#next < offset && !this.ended)
      await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
