import { setMaxListeners } from "node:events";
import { FedbusError } from "../../schemas/errors.js";
import { Block } from "../block/block.js";
import type { Logger } from "../kernel/logger.js";
import type {
  EventSource,
  FollowedPage,
  FollowOptions,
  Page,
  ReadOptions,
  SourceInfo,
  TopicInfo,
} from "../log/event-source.js";
import { dialled } from "../wire/address.js";
import { protocolVersion } from "../wire/limits.js";
import type { Connection } from "./connection.js";
import { followHub } from "./follow-hub.js";
import { HubBlobs } from "./hub-blobs.js";

/** A hub's greeting. */
export interface Greeting extends SourceInfo {
  readonly version: number;
  readonly broadcast: string;
}

/** A hub's log, over its connection. */
export class HubSource implements EventSource {
  readonly blobs: HubBlobs;
  readonly #connection: Connection;
  readonly #logger: Logger;
  readonly #closing = new AbortController();

  constructor(connection: Connection, logger: Logger) {
    // Each follower listens for the end, and there may be any number of them.
    setMaxListeners(0, this.#closing.signal);
    this.#connection = connection;
    this.#logger = logger;
    this.blobs = new HubBlobs(connection);
  }

  async greet(): Promise<Greeting> {
    const greeting = (await this.#ask("hello", { version: protocolVersion })) as Greeting;
    if (greeting.version !== protocolVersion)
      throw new FedbusError("PROTOCOL_VERSION", `the hub speaks version ${greeting.version}`);
    return greeting;
  }

  async info(): Promise<SourceInfo> {
    return (await this.#ask("info", {})) as SourceInfo;
  }

  async read(options: ReadOptions): Promise<Page> {
    const { signal, ...params } = options;
    signal?.throwIfAborted();
    const { result, blocks } = await this.#connection.request("read", params);
    const decoded = blocks.map((bytes) => Block.decode(bytes));
    for (const block of decoded) block.checkBody();
    return { ...(result as Omit<Page, "blocks">), blocks: decoded };
  }

  async *follow(options: FollowOptions): AsyncGenerator<FollowedPage> {
    const { broadcast, logId } = await this.greet();
    const dial = (told: string): string => dialled(this.#connection.url, told);
    yield* followHub(this, dial(broadcast), options, {
      logId,
      locate: async () => dial((await this.greet()).broadcast),
      closing: this.#closing.signal,
      logger: this.#logger,
    });
  }

  async offsetAtTime(time: number): Promise<number> {
    return (await this.#ask("offset-at-time", { time })) as number;
  }

  async topics(patterns?: readonly string[]): Promise<readonly TopicInfo[]> {
    const topics: TopicInfo[] = [];
    for (let done = false; !done; ) {
      const params = { patterns, after: topics.at(-1)?.topic };
      const page = (await this.#ask("topics", params)) as { items: TopicInfo[]; done: boolean };
      topics.push(...page.items);
      done = page.done;
    }
    return topics;
  }

  /** Ends every follower with CLOSED. */
  close(): void {
    this.#closing.abort(new FedbusError("CLOSED", "the connection to the hub is closed"));
  }

  async #ask(op: string, params: object): Promise<unknown> {
    return (await this.#connection.request(op, params)).result;
  }
}
