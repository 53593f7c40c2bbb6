import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import type { Logger } from "../kernel/logger.js";
import { SendQueue } from "../kernel/send-queue.js";
import type { EventLog } from "../log/event-log.js";
import { encodeFrameHeader, encodeRefusedKey, patternsOf } from "../wire/broadcast.js";
import { beaconMs, frameBytesMax } from "../wire/limits.js";
import type { XPublisher } from "../wire/sockets.js";

/** Distinct pattern sets that one hub serves. */
const channelsMax = 1000;
/** First byte of what a subscriber sends; whatever else it sends is no business of the hub. */
const unsubscribe = 0;
const subscribe = 1;

/** One pattern set with subscribers. */
interface Channel {
  readonly stop: AbortController;
  /** Where its last frame ended. */
  prev: number;
  /** Up to where it has looked: past `prev`, nothing matched. */
  next: number;
  /** Whether it owes its subscribers the log's time, which only holds at the head. */
  owesTime: boolean;
}

/**
 * Sends every committed event to whoever subscribed, one channel for each distinct pattern set.
 * A channel is a follower of the log, so events go out after their commit and only then. Frames
 * that a slow subscriber cannot take are dropped by its socket; it sees the gap and reads the log.
 */
export class Broadcaster {
  readonly #socket: XPublisher;
  readonly #log: EventLog;
  readonly #logger: Logger;
  readonly #frames: SendQueue<readonly (Buffer | string)[]>;
  readonly #channels = new Map<string, Channel>();
  readonly #beacon: NodeJS.Timeout;

  constructor(socket: XPublisher, log: EventLog, logger: Logger) {
    this.#socket = socket;
    this.#log = log;
    this.#logger = logger;
    this.#frames = new SendQueue({ send: (frames) => socket.send(frames as (Buffer | string)[]) });
    this.#beacon = setInterval(() => {
      for (const [key, channel] of this.#channels) this.#sendBeacon(key, channel);
    }, beaconMs);
  }

  /** Reads subscriptions until the socket is closed. */
  async run(): Promise<void> {
    for await (const [message] of this.#socket) {
      const key = message!.toString("utf8", 1);
      if (message![0] === subscribe) this.#join(key);
      else if (message![0] === unsubscribe) this.#leave(key);
    }
  }

  close(): void {
    clearInterval(this.#beacon);
    for (const key of [...this.#channels.keys()]) this.#leave(key);
  }

  /** A new subscriber gets a beacon at once: it then knows where its live stream starts. */
  #join(key: string): void {
    const open = this.#channels.get(key);
    if (open !== undefined) {
      this.#sendBeacon(key, open);
      return;
    }
    try {
      const patterns = patternsOf(key);
      if (this.#channels.size >= channelsMax) {
        this.#refuse(key);
        return;
      }
      const { head } = this.#log;
      const channel = { stop: new AbortController(), prev: head, next: head, owesTime: true };
      this.#channels.set(key, channel);
      this.#sendBeacon(key, channel);
      void this.#follow(key, channel, patterns);
    } catch (error) {
      this.#logger.warn({ error: String(error) }, "a subscription was refused");
    }
  }

  /** Only for a canonical key: any other could be the start of what others subscribe to. */
  #refuse(key: string): void {
    const message = `the hub serves ${channelsMax} distinct pattern sets, and takes no more`;
    const error = new FedbusError("CONNECTION_LIMIT", message, { details: { channelsMax } });
    this.#logger.warn({ channelsMax }, "a subscription was refused: too many pattern sets");
    this.#frames
      .send([key, encodeRefusedKey(error)])
      .catch((cause) => this.#logger.debug({ error: String(cause) }, "a refusal was not sent"));
  }

  #leave(key: string): void {
    this.#channels.get(key)?.stop.abort();
    this.#channels.delete(key);
  }

  async #follow(key: string, channel: Channel, patterns: readonly string[]): Promise<void> {
    const { signal } = channel.stop;
    try {
      const pages = this.#log.follow({
        from: channel.next,
        patterns,
        bytesMax: frameBytesMax,
        signal,
      });
      for await (const page of pages) {
        channel.next = page.next;
        const late = channel.owesTime && channel.next === this.#log.head;
        if (page.blocks.length === 0 && !late) continue;
        await this.#send(
          key,
          channel,
          page.blocks.map((block) => block.bytes),
        );
      }
    } catch (error) {
      if (signal.aborted || isFedbusError(error, "CLOSED")) return;
      // Its next frame starts at the head: subscribers see the gap and read it from the log.
      this.#logger.error({ error: String(error) }, "a broadcast channel failed; starting it anew");
      channel.prev = channel.next = this.#log.head;
      setTimeout(() => !signal.aborted && void this.#follow(key, channel, patterns), beaconMs);
    }
  }

  #sendBeacon(key: string, channel: Channel): void {
    channel.owesTime = true;
    void this.#send(key, channel, []);
  }

  async #send(key: string, channel: Channel, blocks: readonly Buffer[]): Promise<void> {
    const { prev, next } = channel;
    channel.prev = next;
    try {
      const header = encodeFrameHeader({
        epoch: this.#log.epoch,
        prev,
        next,
        ...this.#time(channel),
      });
      await this.#frames.send([key, header, ...blocks]);
    } catch (error) {
      this.#logger.debug({ error: String(error) }, "a broadcast frame could not be sent");
    }
  }

  /** Head and time are read together: what the channel has not looked at may be older. */
  #time(channel: Channel): { readonly at?: number } {
    const holds = channel.owesTime && channel.next === this.#log.head;
    const at = holds ? this.#log.time() : undefined;
    if (at === undefined) return {};
    channel.owesTime = false;
    return { at };
  }
}
