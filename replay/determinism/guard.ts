import type { Consumer, Handlers } from "../../consumers/index.js";
import { pluginCaller } from "./caller.js";
import type { ImpureUse } from "./impure-use.js";
import { type Source, sources } from "./sources.js";

/** Looks at the stack that a source may cost while an asynchronous handler waits. */
const looksMax = 1_000;

/**
 * Tells of plugins that ask for the time of day or for chance, once for each way to do so. While a
 * handler runs, those functions look who calls them; what they answer is unchanged.
 */
export class DeterminismGuard {
  readonly #onUse: (use: ImpureUse) => void;
  readonly #undo = new Map<Source, () => void>();
  /** Handlers being called just now. */
  #calling = 0;
  /** Handlers that have returned a promise which is not settled. */
  #waiting = 0;

  private constructor(onUse: (use: ImpureUse) => void) {
    this.#onUse = onUse;
    for (const source of sources) this.#patch(source);
  }

  /** Stays until `uninstall`. */
  static install(onUse: (use: ImpureUse) => void): DeterminismGuard {
    return new DeterminismGuard(onUse);
  }

  /** Puts everything back. Idempotent. */
  uninstall(): void {
    // Backwards: what was patched last lies on top.
    for (const undo of [...this.#undo.values()].reverse()) undo();
    this.#undo.clear();
  }

  /** The same consumer, watched. */
  watch(consumer: Consumer): Consumer {
    return { ...consumer, create: (setup) => this.#watchHandlers(consumer.create(setup)) };
  }

  #watchHandlers(handlers: Handlers): Handlers {
    const { timer, prefetch, flush, close } = handlers;
    return {
      ...handlers,
      handle: (event, context) => this.#call(() => handlers.handle(event, context)),
      ...(timer && {
        timer: (due, context) => this.#call(() => timer.call(handlers, due, context)),
      }),
      ...(prefetch && {
        prefetch: (event, context) => prefetch.call(handlers, event, context),
      }),
      ...(flush && { flush: (context) => this.#call(() => flush.call(handlers, context)) }),
      ...(close && { close: () => close.call(handlers) }),
    };
  }

  #call(work: () => void | Promise<void>): void | Promise<void> {
    this.#calling++;
    let result: void | Promise<void>;
    try {
      result = work();
    } finally {
      this.#calling--;
    }
    if (result === undefined) return undefined;
    this.#waiting++;
    return Promise.resolve(result).finally(() => {
      this.#waiting--;
    });
  }

  #patch(source: Source): void {
    const { what, instead } = source;
    let looksLeft = looksMax;
    let isLooking = false;
    const undo = source.patch(() => {
      const isDirect = this.#calling > 0;
      if (isLooking || looksLeft === 0 || (!isDirect && this.#waiting === 0)) return;
      isLooking = true;
      looksLeft--;
      const caller = pluginCaller(isDirect);
      isLooking = false;
      if (caller === undefined) return;
      looksLeft = 0;
      this.#onUse({ what, instead, ...caller });
    });
    this.#undo.set(source, undo);
  }
}
