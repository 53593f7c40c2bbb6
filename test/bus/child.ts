import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Another process of a test: it runs `program`, and the two talk in messages. */
export class Child {
  readonly messages: unknown[] = [];
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #wake: () => void = () => {};

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#exited = once(process, "exit");
    process.on("message", (message) => {
      this.messages.push(message);
      this.#wake();
    });
    process.on("exit", () => this.#wake());
  }

  /** Starts `program`, a file beside this one, and waits for its first message, which is dropped. */
  static async start(
    program: string,
    options: object,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Child> {
    const url = new URL(`./${program}.js`, import.meta.url);
    const spawned = { execArgv: [], env: { ...process.env, ...env } };
    const child = new Child(fork(url, [JSON.stringify(options)], spawned));
    await child.message("ready");
    return child;
  }

  /** The next message of this kind; messages are `{kind, ...}`. */
  async message<T = Record<string, unknown>>(kind: string): Promise<T> {
    for (;;) {
      const at = this.messages.findIndex((message) => (message as { kind: string }).kind === kind);
      if (at >= 0) return this.messages.splice(at, 1)[0] as T;
      if (this.#process.exitCode !== null || this.#process.signalCode !== null)
        throw new Error(`the process ended (${this.#process.exitCode}) before it said "${kind}"`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Asks, and waits for the answer of the same kind. */
  async ask<T = Record<string, unknown>>(kind: string, fields: object = {}): Promise<T> {
    this.tell(kind, fields);
    return await this.message<T>(kind);
  }

  tell(kind: string, fields: object = {}): void {
    this.#process.send({ kind, ...fields }, () => {});
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process.kill(signal);
  }

  /** Ends the process without warning. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }
}

/** The options that this process was started with. */
export function childOptions<T>(): T {
  return JSON.parse(process.argv[2]!) as T;
}

export function tellParent(kind: string, fields: object = {}): void {
  process.send?.({ kind, ...fields });
}

/** Answers what the parent says; the process ends when the parent does. */
export function onParent(answers: Record<string, (message: never) => unknown>): void {
  process.on("message", async (message: { kind: string }) => {
    const fields = await answers[message.kind]?.(message as never);
    if (fields !== undefined) tellParent(message.kind, fields as object);
  });
  process.on("disconnect", () => process.exit());
}
