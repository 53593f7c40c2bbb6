/**
 * An event: fedmsg's envelope. Our publisher sets `topic`, `msg_id`, `timestamp`, `i` and `msg`;
 * of a foreign envelope only `topic` and `msg` are required.
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
  readonly username?: string;
  readonly source_name?: string;
  readonly source_version?: string;
  readonly crypto?: string;
  readonly signature?: string;
  readonly certificate?: string;
}
