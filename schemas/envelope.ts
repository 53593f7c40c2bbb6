import { jsonOf, Openings } from "./envelope-text.js";
import { MessageIds, type MessageIdsOptions } from "./message-id.js";

/**
 * An event: fedmsg's envelope. Our publisher sets `topic`, `msg_id`, `timestamp`, `i` and `msg`;
 * of a foreign envelope only `topic` and `msg` are required. Old fedmsg programs write `null` for
 * what they do not know.
 */
export interface Envelope {
  readonly topic: string;
  /** The body: any JSON value. */
  readonly msg: unknown;
  /** `<year>-<uuid>`. */
  readonly msg_id?: string;
  /** Publisher's clock, seconds since 1970. */
  readonly timestamp?: number;
  /** Publisher's own sequence. */
  readonly i?: number;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly username?: string | null;
  readonly source_name?: string | null;
  readonly source_version?: string | null;
  readonly crypto?: string | null;
  readonly signature?: string | null;
  readonly certificate?: string | null;
}

/** What a publisher puts into every envelope, and where its time and chance come from. */
export interface EnvelopeWriterOptions extends MessageIdsOptions {
  readonly username?: string;
  readonly sourceName?: string;
  readonly sourceVersion?: string;
}

/** Writes envelopes as JSON text, each with a fresh `msg_id`, the time, and the next `i` from 1. */
export class EnvelopeWriter {
  readonly #clock: () => number;
  readonly #ids: MessageIds;
  readonly #openings = new Openings();
  readonly #source: string;
  #i = 0;
  #now = -1;
  /** What stands between the id and `i`, at `#now`. */
  #stamp = "";

  constructor(options: EnvelopeWriterOptions = {}) {
    this.#clock = options.clock ?? Date.now;
    this.#ids = new MessageIds(options);
    this.#source =
      member("username", options.username) +
      member("source_name", options.sourceName) +
      member("source_version", options.sourceVersion);
  }

  /**
   * The envelope's JSON. Throws TOPIC_INVALID, and EVENT_INVALID when `msg` or `headers` cannot be
   * written as JSON: undefined, a function, a BigInt, a cycle. A throw uses up no `i`.
   */
  write(topic: string, msg: unknown, headers?: Readonly<Record<string, unknown>>): string {
    const opening = this.#openings.of(topic);
    const body = jsonOf(msg, "msg", topic);
    const extra = headers === undefined ? "" : `,"headers":${jsonOf(headers, "headers", topic)}`;
    const now = this.#clock();
    if (now !== this.#now) {
      this.#now = now;
      this.#stamp = `","timestamp":${Math.trunc(now) / 1000},"i":`;
    }
    return `${opening}${this.#ids.next(now)}${this.#stamp}${++this.#i}${this.#source}${extra},"msg":${body}}`;
  }
}

function member(key: string, value: string | undefined): string {
  return value === undefined ? "" : `,"${key}":${JSON.stringify(value)}`;
}
