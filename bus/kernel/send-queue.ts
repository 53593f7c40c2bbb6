/** What a socket can do: one send at a time. */
export interface Sendable<Frames> {
  send(frames: Frames): Promise<void>;
}

interface Waiting<Frames> {
  readonly frames: Frames;
  readonly skip: (() => boolean) | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one writer of a socket: ZeroMQ refuses a send while another runs. Sends go out in call order;
 * each promise settles with its own send. The queue's bound is its callers': each awaits its sends
 * or holds a bounded window of them.
 */
export class SendQueue<Frames> {
  readonly #socket: Sendable<Frames>;
  readonly #waiting: Waiting<Frames>[] = [];
  #sending = false;

  constructor(socket: Sendable<Frames>) {
    this.#socket = socket;
  }

  /** Frames not yet handed to the socket. */
  get length(): number {
    return this.#waiting.length;
  }

  /** `skip`, asked when the turn comes, leaves the message out (nobody waits for it any more). */
  send(frames: Frames, skip?: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frames, skip, resolve, reject });
      if (!this.#sending) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#sending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        if (next.skip?.() !== true) await this.#socket.send(next.frames);
        next.resolve();
      } catch (error) {
        next.reject(error);
      }
    }
    this.#sending = false;
  }
}
