import type { ChildProcess } from "node:child_process";
import type { Logger } from "../../bus/index.js";
import { type ErrorJson, FedbusError } from "../../schemas/index.js";
import { forkHost, type HostSurroundings } from "./fork-host.js";
import { isFromHost } from "./from-host.js";
import { HeapTrace } from "./heap-trace.js";
import type { SupervisorLimits } from "./limits.js";
import type { FromHost, HostPlan, HostProgress, TableQuery, ToHost } from "./messages.js";
import { PrintedLines } from "./printed-lines.js";
import type { TableEntry } from "./query-table.js";
import { Quota } from "./quota.js";
import { Watchdog } from "./watchdog.js";

export interface ChildOptions extends HostSurroundings {
  readonly limits: SupervisorLimits;
  readonly logger: Logger;
  /** The log's head, as far as it is known of late. */
  head(): number | undefined;
  onProgress(progress: HostProgress): void;
}

/** How a process of a consumer ended. */
export type ChildEnd =
  /** It was told to, or has come to where it should. */
  | { readonly how: "ended" }
  /** It said why it cannot go on. */
  | { readonly how: "failed"; readonly error: FedbusError }
  /** It said nothing. */
  | { readonly how: "died"; readonly why: string };

const queryTimeoutMs = 10_000;
/** How long a process that has said its last word may take to leave, ms. */
const leaveMs = 2_000;
/** How long to wait for what a process printed before it ended, ms. */
const lastLinesMs = 50;
const outOfHeap = /heap out of memory|Reached heap limit/;

/** One process of a consumer, from its start to its end. */
export class Child {
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;
  readonly #options: ChildOptions;
  readonly #watchdog: Watchdog;
  readonly #printed: readonly (PrintedLines | undefined)[];
  readonly #logQuota: Quota;
  readonly #questions = new Map<number, (message: FromHost & { kind: "answer" }) => void>();
  #lastWord: ChildEnd | undefined;
  #killedFor: string | undefined;
  #wasOutOfHeap = false;
  #questionId = 0;

  constructor(plan: HostPlan, options: ChildOptions) {
    this.#options = options;
    const { limits } = options;
    this.#logQuota = new Quota(limits.linesPerSecondMax);
    this.#process = forkHost(options, limits);
    this.#printed = [this.#capture("stdout"), this.#capture("stderr")];
    this.#watchdog = new Watchdog({
      pid: this.#process.pid ?? 0,
      limits,
      head: options.head,
      onFault: (why) => this.kill(why),
    });
    this.#process.on("message", (message) => this.#hear(message));
    this.ended = new Promise((resolve) => {
      this.#process.on("error", (error) => {
        this.kill(error.message);
        // One that never was does not exit either.
        if (this.pid === undefined) resolve(this.#end(null, null));
      });
      this.#process.on("exit", (code, signal) => {
        // What it printed last is still on its way; what it has started itself may hold the pipe.
        setTimeout(() => resolve(this.#end(code, signal)), lastLinesMs);
      });
    });
    this.#tell({ kind: "start", plan });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Tells it to come to a clean end, and ends it if that takes longer than `drainMs`. */
  async drain(): Promise<ChildEnd> {
    this.#tell({ kind: "drain" });
    const { drainMs } = this.#options.limits;
    const timer = setTimeout(
      () => this.kill(`it did not end within ${drainMs} ms (drainMs)`),
      drainMs,
    );
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  kill(why: string): void {
    this.#killedFor ??= why;
    this.#process.kill("SIGKILL");
  }

  /** Rejects with what it answers, and with CONSUMER_BUSY when it does not. */
  query(query: TableQuery): Promise<TableEntry[]> {
    const id = this.#questionId++;
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#questions.delete(id);
        finish();
      };
      const fail = (message: string): void =>
        settle(() => reject(new FedbusError("CONSUMER_BUSY", message)));
      const timer = setTimeout(
        () => fail("the consumer's process did not answer in time"),
        queryTimeoutMs,
      );
      this.#questions.set(id, ({ result, error }) =>
        settle(() =>
          error ? reject(FedbusError.fromJSON(error)) : resolve(result as TableEntry[]),
        ),
      );
      void this.ended.then(() => this.#questions.has(id) && fail("the consumer's process ended"));
      this.#tell({ kind: "query", id, query });
    });
  }

  #tell(message: ToHost): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  #hear(message: unknown): void {
    if (!isFromHost(message)) return;
    if (message.kind === "progress") {
      this.#watchdog.beat(message.progress);
      this.#options.onProgress(message.progress);
    } else if (message.kind === "log") this.#log(message);
    else if (message.kind === "answer") this.#questions.get(message.id)?.(message);
    else if (message.kind !== "described") this.#heardLast(message);
  }

  /** Something that the plugin has left running may hold the process: it is not waited for. */
  #heardLast(
    message: { readonly kind: "ended" } | { readonly kind: "failed"; readonly error: ErrorJson },
  ): void {
    this.#watchdog.close();
    this.#lastWord =
      message.kind === "ended"
        ? { how: "ended" }
        : { how: "failed", error: FedbusError.fromJSON(message.error) };
    if (this.#process.connected) this.#process.disconnect();
    setTimeout(() => this.#process.kill("SIGKILL"), leaveMs).unref();
  }

  #log({ level, fields, message }: FromHost & { kind: "log" }): void {
    const { logger, limits } = this.#options;
    if (!this.#logQuota.take()) return;
    this.#tellLeftOut();
    logger[level](fields, message.slice(0, limits.lineLengthMax));
  }

  #tellLeftOut(): void {
    const lines = this.#logQuota.dropped();
    if (lines > 0) this.#options.logger.warn({ lines }, "more was logged, and left out");
  }

  /** Undefined where no process could be started. */
  #capture(stream: "stdout" | "stderr"): PrintedLines | undefined {
    const { limits, logger } = this.#options;
    const readable = this.#process[stream] ?? undefined;
    const trace = new HeapTrace();
    return (
      readable &&
      new PrintedLines(readable, {
        ...limits,
        onLine: (line) => {
          this.#wasOutOfHeap ||= outOfHeap.test(line);
          // How the process ended says the same in one line.
          const level = trace.includes(line) ? "debug" : stream === "stdout" ? "info" : "warn";
          logger[level]({ stream }, line);
        },
      })
    );
  }

  #end(code: number | null, signal: NodeJS.Signals | null): ChildEnd {
    this.#watchdog.close();
    this.#tellLeftOut();
    return this.#lastWord ?? { how: "died", why: this.#whyItDied(code, signal) };
  }

  #whyItDied(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#killedFor !== undefined) return this.#killedFor;
    if (this.#wasOutOfHeap)
      return `it took more than ${this.#options.limits.heapMbMax} MiB of heap (heapMbMax)`;
    const last = this.#printed[1]?.last ?? "";
    const said = last === "" ? "" : `; it last printed: ${last}`;
    return signal === null
      ? `it exited with code ${code}${said}`
      : `it was ended by ${signal}${said}`;
  }
}
