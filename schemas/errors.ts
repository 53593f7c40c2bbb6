/**
 * Every failure that fedbus reports has one of these codes. A code never changes its meaning;
 * messages may. `docs/errors.md` is the same table for readers, and a test holds the two together.
 *
 * `retryable` says whether the same call may succeed later without the caller changing anything.
 */
export const errorCodes = {
  // Topics and patterns
  TOPIC_INVALID: { retryable: false, summary: "the topic is outside the grammar or its limits" },
  TOPIC_RESERVED: { retryable: false, summary: "topics under `fedbus.` are the bus's own" },
  TOPIC_LIMIT: { retryable: false, summary: "the log already has the most topics it may have" },
  PATTERN_INVALID: { retryable: false, summary: "the topic pattern is outside the grammar" },
  // Events as bytes
  EVENT_TOO_LARGE: { retryable: false, summary: "the event is larger than the limit" },
  EVENT_INVALID: { retryable: false, summary: "the event is not a valid envelope" },
  JSON_INVALID: { retryable: false, summary: "the text is not JSON" },
  JSON_NOT_UTF8: { retryable: false, summary: "the bytes are not UTF-8" },
  JSON_TOO_DEEP: { retryable: false, summary: "the JSON is nested deeper than the limit" },
  JSON_DUPLICATE_KEY: { retryable: false, summary: "an object holds the same key twice" },
  JSON_FORBIDDEN_KEY: { retryable: false, summary: "an object holds a key such as __proto__" },
  JSON_NUMBER_UNSAFE: { retryable: false, summary: "a number that JSON readers would alter" },
  // Signatures
  SIGNATURE_MISSING: { retryable: false, summary: "the event must be signed, and is not" },
  SIGNATURE_INVALID: { retryable: false, summary: "the event's signature does not hold" },
  SIGNER_UNTRUSTED: { retryable: false, summary: "whoever signed the event is not trusted" },
  SIGNER_FORBIDDEN: { retryable: false, summary: "the signer may not sign events on that topic" },
  KEY_NOT_FOUND: { retryable: false, summary: "there is no key of that name" },
  KEY_EXISTS: { retryable: false, summary: "there is a key of that name already" },
  // Schemas
  SCHEMA_INVALID: { retryable: false, summary: "the schema is not a usable JSON Schema" },
  SCHEMA_LIMIT: { retryable: false, summary: "the schema is larger or slower than the limits" },
  SCHEMA_CONFLICT: { retryable: false, summary: "that schema version exists with other content" },
  SCHEMA_UNKNOWN: { retryable: false, summary: "no schema of that name" },
  SCHEMA_VERSION_UNKNOWN: { retryable: false, summary: "the schema has no such version" },
  SCHEMA_REQUIRED: { retryable: false, summary: "the topic has no schema and policy is refuse" },
  SCHEMA_VIOLATION: { retryable: false, summary: "the event does not match its schema" },
  SCHEMA_INCOMPATIBLE: {
    retryable: false,
    summary: "the new version breaks what its schema's versions promise each other",
  },
  UPCAST_FAILED: { retryable: false, summary: "the event cannot be brought to the newer version" },
  UPCASTER_MISSING: { retryable: false, summary: "a version needs an upcaster that was not given" },
  // Blocks
  BLOCK_INVALID: { retryable: false, summary: "the bytes are not a well-formed block" },
  BLOCK_CORRUPT: { retryable: false, summary: "a checksum of the block does not match" },
  BLOCK_VERSION: { retryable: false, summary: "the block is of a newer format" },
  // The log
  LOG_NOT_FOUND: { retryable: false, summary: "there is no log in that directory" },
  LOG_EXISTS: { retryable: false, summary: "there is a log already where a new one should go" },
  LOG_IN_USE: { retryable: true, summary: "another process has the log open" },
  LOG_FORMAT_NEWER: { retryable: false, summary: "the log was written by a newer fedbus" },
  LOG_CORRUPT: { retryable: false, summary: "stored bytes are damaged; the details name offsets" },
  LOG_TRUNCATED: { retryable: false, summary: "the wanted events were removed by retention" },
  LOG_DIVERGED: { retryable: false, summary: "the log was rolled back behind the reader's place" },
  LOG_WRITE_FAILED: { retryable: true, summary: "the write failed; nothing of it was kept" },
  LOG_DISK_LOW: { retryable: true, summary: "free disk space is below the watermark" },
  LOG_FENCED: { retryable: false, summary: "another owner took the log over" },
  OFFSET_INVALID: { retryable: false, summary: "the offset is not one this log can have" },
  // Blobs
  BLOB_NOT_FOUND: { retryable: false, summary: "the log has no blob of that SHA-256" },
  BLOB_CORRUPT: { retryable: false, summary: "a blob's bytes do not have its SHA-256" },
  BLOB_TOO_LARGE: { retryable: false, summary: "the blob is larger than the limit" },
  // Producers
  PRODUCER_FENCED: { retryable: false, summary: "a newer instance of this producer took over" },
  PRODUCER_UNKNOWN: {
    retryable: true,
    summary: "the hub does not know this producer; greet again",
  },
  SEQUENCE_GAP: { retryable: true, summary: "a batch skipped sequence numbers; nothing stored" },
  // Connection
  ADDRESS_INVALID: { retryable: false, summary: "the address is not one fedbus can use" },
  ADDRESS_IN_USE: { retryable: true, summary: "another process listens on that address" },
  ADDRESS_REFUSED: { retryable: false, summary: "binding off loopback is not allowed" },
  HUB_UNREACHABLE: { retryable: true, summary: "no hub answered at that address in time" },
  HUB_BUSY: { retryable: true, summary: "the hub has more requests than it may hold" },
  CONNECTION_LIMIT: {
    retryable: true,
    summary: "the hub or this process has no room for more subscriptions or sockets",
  },
  PROTOCOL_INVALID: { retryable: false, summary: "a message outside the wire protocol" },
  PROTOCOL_VERSION: { retryable: false, summary: "the peers speak no common protocol version" },
  PUBLISH_UNKNOWN: { retryable: true, summary: "sent but never answered: it may be stored" },
  QUEUE_FULL: { retryable: true, summary: "the publisher's own queue is at its limit" },
  SPOOL_IN_USE: { retryable: true, summary: "another process has the spool open" },
  // Destinations outside of the bus
  DELIVERY_FAILED: { retryable: true, summary: "the destination did not take the events" },
  DELIVERY_REFUSED: { retryable: false, summary: "the destination will never take the events" },
  DESTINATION_FORBIDDEN: {
    retryable: false,
    summary: "the destination's address is not one to be reached",
  },
  DESTINATION_DIVERGED: { retryable: false, summary: "the destination is not as it was left" },
  DESTINATION_IN_USE: { retryable: true, summary: "another process writes to the destination" },
  PACKAGE_MISSING: { retryable: false, summary: "a package that this needs is not installed" },
  // Consumers
  PLUGIN_NOT_FOUND: { retryable: false, summary: "there is no such plugin file or package" },
  CONSUMER_UNKNOWN: { retryable: false, summary: "no consumer of that name has run there" },
  CONSUMER_IN_USE: { retryable: true, summary: "another process runs the consumer" },
  CONSUMER_BUSY: { retryable: true, summary: "the consumer's process does not answer just now" },
  CONSUMER_DIED: { retryable: true, summary: "a process of the consumer died" },
  DEAD_LETTER_UNKNOWN: { retryable: false, summary: "there is no dead letter at that offset" },
  DEAD_LETTER_FINAL: { retryable: false, summary: "the dead letter cannot be retried" },
  PLUGIN_INVALID: { retryable: false, summary: "the plugin cannot be loaded, or is no consumer" },
  STATE_NOT_FOUND: { retryable: false, summary: "the consumer has no state there" },
  STATE_IN_USE: { retryable: true, summary: "another process has the consumer's state open" },
  STATE_INVALID: { retryable: false, summary: "the key or value cannot be kept in a table" },
  STATE_CORRUPT: { retryable: false, summary: "the consumer's stored state is damaged" },
  STATE_WRITE_FAILED: { retryable: true, summary: "the consumer's state could not be written" },
  CONSUMER_HALTED: {
    retryable: false,
    summary: "the consumer stopped at an event it cannot handle",
  },
  STATE_LIMIT: { retryable: false, summary: "the consumer keeps as much for that key as it may" },
  LOOKUP_FAILED: { retryable: true, summary: "a lookup outside of the bus gave no answer" },
  // Models
  MODEL_UNKNOWN: { retryable: false, summary: "the log tells of no such model" },
  MODEL_INVALID: { retryable: false, summary: "the bytes are no ONNX model" },
  MODEL_REFUSED: { retryable: false, summary: "the model holds what models may not hold" },
  MODEL_FAILED: { retryable: false, summary: "the model cannot compute those rows" },
  MODEL_RUNTIME_MISSING: { retryable: false, summary: "what runs models does not load here" },
  // Callers
  OPTIONS_INVALID: { retryable: false, summary: "an option is unknown or out of range" },
  EXPRESSION_INVALID: { retryable: false, summary: "the filter expression cannot be compiled" },
  INPUT_INVALID: { retryable: false, summary: "the input file or text cannot be used" },
  CLOSED: { retryable: false, summary: "used after close" },
  INTERNAL: { retryable: false, summary: "a fault in fedbus itself" },
} as const satisfies Record<string, { readonly retryable: boolean; readonly summary: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** Details are plain JSON: they cross the wire as they are. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error as it crosses the wire, and as `--json` prints it. */
export interface ErrorJson {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: ErrorDetails;
}

/** The one error class. Programmer mistakes are `TypeError` or `RangeError` instead. */
export class FedbusError extends Error {
  override readonly name = "FedbusError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Whether the same call may succeed later, unchanged. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }

  toJSON(): ErrorJson {
    const { code, message, details } = this;
    return Object.keys(details).length === 0 ? { code, message } : { code, message, details };
  }

  /** The error that `toJSON` described, back as the same class. Unknown codes become INTERNAL. */
  static fromJSON(json: ErrorJson): FedbusError {
    const known = Object.hasOwn(errorCodes, json.code);
    const options = json.details === undefined ? {} : { details: json.details };
    return known
      ? new FedbusError(json.code, String(json.message), options)
      : new FedbusError("INTERNAL", `${json.code}: ${json.message}`, options);
  }
}

/** Whether `error` is a FedbusError, with `code` if one is given. */
export function isFedbusError(error: unknown, code?: ErrorCode): error is FedbusError {
  return error instanceof FedbusError && (code === undefined || error.code === code);
}
