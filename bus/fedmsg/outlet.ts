import { setTimeout as sleep } from "node:timers/promises";
import type { Envelope } from "../../schemas/envelope.js";
import { isReserved } from "../../schemas/topic.js";
import type { Block } from "../block/block.js";
import type { Logger } from "../kernel/logger.js";
import type { EventLog } from "../log/event-log.js";
import type { XPublisher } from "../wire/sockets.js";
import type { RecentIds } from "./recent-ids.js";

const subscribe = 1;
const unsubscribe = 0;
const pauseMs = 1_000;

/**
 * fedmsg's PUB: each committed event as two frames, its topic and its bytes as they came. Subscribers name
 * prefixes, which the socket matches by itself. While nobody subscribes, the log is not read. What a slow
 * subscriber cannot take is dropped, as fedmsg's own sockets do; the replay socket has it.
 */
export class Outlet {
  readonly #socket: XPublisher;
  readonly #log: EventLog;
  readonly #ids: RecentIds;
  readonly #logger: Logger;
  /** Distinct prefixes that somebody subscribes to. */
  #prefixes = 0;
  #following: AbortController | undefined;

  constructor(socket: XPublisher, log: EventLog, ids: RecentIds, logger: Logger) {
    this.#socket = socket;
    this.#log = log;
    this.#ids = ids;
    this.#logger = logger;
  }

  /** Reads subscriptions until the socket is closed. The socket tells each prefix once, and when it is left. */
  async run(): Promise<void> {
    for await (const [message] of this.#socket) {
      if (message?.[0] === subscribe) this.#prefixes++;
      else if (message?.[0] === unsubscribe) this.#prefixes--;
      if (this.#prefixes > 0) this.#start();
      else this.close();
    }
  }

  close(): void {
    this.#following?.abort();
    this.#following = undefined;
  }

  #start(): void {
    if (this.#following !== undefined) return;
    const following = new AbortController();
    this.#following = following;
    void this.#follow(following.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted)
      try {
        for await (const { blocks } of this.#log.follow({ from: "live", signal }))
          for (const block of blocks) await this.#send(block);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.error({ error: String(error) }, "fedmsg's publishing failed; it starts anew");
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
      }
  }

  /** What goes out may come back by way of somebody's relay: then its id is known. */
  async #send(block: Block): Promise<void> {
    const envelopes = block.parse() as Envelope[];
    for (const [index, { topic, msg_id: id }] of envelopes.entries()) {
      if (isReserved(topic)) continue;
      if (id !== undefined) this.#ids.add(id);
      await this.#socket.send([topic, block.bytesOf(index)]);
    }
  }
}
