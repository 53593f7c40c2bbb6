import { randomUUID } from "node:crypto";
import type { ErrorCode, ErrorJson } from "../../schemas/errors.js";
import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { EnvelopeWriter } from "../../schemas/index.js";
import type {
  Outgoing,
  Publisher,
  PublisherOptions,
  PublishOptions,
  PublishOutcome,
} from "../bus.js";
import { passingPrefix } from "../log/producers.js";
import type { Batch } from "./batch.js";
import type { CheckedOptions } from "./options.js";
import { checkPublisherOptions } from "./options.js";
import type { PublishPort } from "./port.js";
import { Queue } from "./queue.js";
import type { Sink } from "./sink.js";
import { ManySink, OneSink } from "./sink.js";
import { Spool } from "./spool.js";
import { Spooler } from "./spooler.js";
import { Window } from "./window.js";

/** How long close waits for the hub where a spool keeps what is left. */
const spooledCloseMs = 5000;
const sweepMs = 250;
/** No event may be larger, whatever the hub allows: a batch holds at least one. */
const eventBytesMax = 1024 * 1024;

/**
 * Batches adapt to the load: while the window has room, what one turn of the event loop publishes
 * leaves at its end, so a lone event never waits; while it has none, events gather.
 */
export class BusPublisher implements Publisher {
  readonly #port: PublishPort;
  readonly #options: CheckedOptions;
  readonly #writer: EnvelopeWriter;
  readonly #sweep: NodeJS.Timeout;
  readonly #opened: Promise<void>;
  readonly #onClose: () => void;
  #window: Window<Batch> | undefined;
  #spool: Spool | undefined;
  readonly #queue: Queue;
  #spooler: Spooler | undefined;
  #scheduled = false;
  #fatal: FedbusError | undefined;
  #closed: Promise<void> | undefined;

  /** `onClose` is called once, when the publisher is done. Throws OPTIONS_INVALID. */
  constructor(port: PublishPort, options: PublisherOptions = {}, onClose: () => void = () => {}) {
    const checked = checkPublisherOptions(options);
    const { username, sourceName, sourceVersion } = checked;
    this.#port = port;
    this.#options = checked;
    this.#onClose = onClose;
    this.#queue = new Queue(checked);
    this.#writer = new EnvelopeWriter({
      ...(username === undefined ? {} : { username }),
      ...(sourceName === undefined ? {} : { sourceName }),
      ...(sourceVersion === undefined ? {} : { sourceVersion }),
    });
    this.#sweep = setInterval(() => this.#failLate(), sweepMs);
    this.#sweep.unref();
    this.#opened = this.#open();
  }

  publish(topic: string, msg: unknown, options: PublishOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#checkRoom();
      const sink = new OneSink(resolve, reject, FedbusError.fromJSON);
      this.#add(this.#write(topic, msg, options.headers), sink, 0);
    });
  }

  publishMany(events: readonly Outgoing[]): Promise<PublishOutcome[]> {
    return new Promise((resolve) => {
      this.#checkRoom();
      const sink = new ManySink(events.length, resolve);
      for (let at = 0; at < events.length; at++)
        try {
          this.#checkRoom();
          const { topic, msg, headers } = events[at]!;
          this.#add(this.#write(topic, msg, headers), sink, at);
        } catch (error) {
          refuse(sink, at, error);
        }
    });
  }

  publishEnvelopes(envelopes: readonly (string | Uint8Array)[]): Promise<PublishOutcome[]> {
    return new Promise((resolve) => {
      this.#checkRoom();
      const sink = new ManySink(envelopes.length, resolve);
      for (let at = 0; at < envelopes.length; at++)
        try {
          this.#checkRoom();
          this.#add(checkedEnvelope(envelopes[at]!), sink, at);
        } catch (error) {
          refuse(sink, at, error);
        }
    });
  }

  ready(): Promise<void> {
    return this.#queue.until(() => this.#queue.bytes < this.#options.queueBytesMax / 2);
  }

  async spooled(): Promise<void> {
    await this.#opened;
    const spooler = this.#spooler;
    if (spooler === undefined) await this.drain();
    else await this.#queue.until(() => spooler.writing.length === 0 && this.#queue.isEmpty);
  }

  async drain(): Promise<void> {
    // What an earlier process left in the spool counts too.
    await this.#opened;
    await this.#queue.until(() => this.#queue.bytes === 0);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #write(topic: string, msg: unknown, headers: PublishOptions["headers"]): string {
    const envelope = this.#writer.write(topic, msg, headers);
    return this.#options.signer?.sign(envelope) ?? envelope;
  }

  async #open(): Promise<void> {
    const {
      spool: dir,
      producer = `${passingPrefix}${randomUUID()}`,
      windowBatchesMax,
    } = this.#options;
    try {
      const spool = dir === undefined ? undefined : await Spool.open(dir);
      this.#spool = spool;
      for (const batch of spool?.left ?? []) this.#queue.bytes += batch.size;
      this.#window = new Window(this.#port, {
        producer: spool === undefined ? producer : `${producer}.${spool.id}`,
        batchesMax: windowBatchesMax,
        left: spool?.left ?? [],
        ...(spool === undefined ? {} : { nextSeq: spool.nextSeq }),
        onAnswer: (batch, answer) => this.#done(batch, () => batch.answer(answer)),
        onRefused: (batch, error) => this.#done(batch, () => batch.fail(error.toJSON())),
        onRoom: () => this.#pump(),
        onFatal: (error) => this.#end(error),
      });
      if (spool !== undefined)
        this.#spooler = new Spooler({
          spool,
          queue: this.#queue,
          window: this.#window,
          onFailed: (error) => this.#end(spoolFailed(error)),
        });
      this.#pump();
    } catch (cause) {
      this.#end(
        isFedbusError(cause)
          ? cause
          : new FedbusError("INTERNAL", "the publisher cannot start", { cause }),
      );
    }
  }

  #add(event: string | Uint8Array, sink: Sink, at: number): void {
    this.#queue.add(event, eventBytesMax, sink, at);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  /** Sends what the window has room for; with a spool, spools all there is. */
  #pump(): void {
    const window = this.#window;
    if (window === undefined) return;
    if (this.#spooler !== undefined) {
      void this.#spooler.spoolAll();
      return;
    }
    while (window.hasRoom) {
      const batch = this.#queue.take();
      if (batch === undefined) return;
      this.#queue.reuse(batch.seal(window.claim(batch.count)));
      window.send(batch);
    }
  }

  #done(batch: Batch, settle: () => void): void {
    this.#queue.bytes -= batch.size;
    settle();
    this.#spool?.remove(batch.seq).catch((error) => this.#end(spoolFailed(error)));
    this.#queue.wake();
  }

  /** Rejects what has waited too long. What was sent stays in the window: its place is taken. */
  #failLate(): void {
    if (this.#spool !== undefined) return;
    const now = performance.now();
    for (const batch of this.#window?.batches() ?? [])
      if (batch.filledAt <= now - this.#options.timeoutMs)
        batch.fail(unanswered("PUBLISH_UNKNOWN"));
    for (const batch of this.#queue.takeLate(now)) {
      this.#queue.bytes -= batch.size;
      batch.fail(unanswered("HUB_UNREACHABLE"));
    }
    this.#queue.wake();
  }

  /** Nothing can be published any more. */
  #end(error: FedbusError): void {
    if (this.#fatal === undefined) this.#failAll(error);
  }

  /** What may be in the spool is not refused: the next one that opens it may send it. */
  #failAll(error: FedbusError): void {
    this.#fatal = error;
    const sent = this.#spool === undefined ? error : inSpool(error);
    for (const batch of [...(this.#window?.batches() ?? []), ...(this.#spooler?.writing ?? [])])
      batch.fail(sent.toJSON());
    for (const batch of this.#queue.takeAll()) batch.fail(error.toJSON());
    this.#window?.close();
    this.#queue.fail(error);
  }

  async #close(): Promise<void> {
    this.#queue.fillNext();
    await this.#opened;
    // What cannot be waited for has told its callers why.
    if (this.#spool !== undefined) await this.spooled().catch(() => {});
    await this.#drainForClose();
    clearInterval(this.#sweep);
    if (this.#queue.bytes > 0) this.#failAll(new FedbusError("CLOSED", "the publisher is closed"));
    this.#window?.close();
    await this.#spool?.close();
    this.#onClose();
  }

  /** A batch that timed out still holds its place in the window, but nobody waits for it. */
  async #drainForClose(): Promise<void> {
    const limitMs = this.#spool === undefined ? this.#options.timeoutMs + sweepMs : spooledCloseMs;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    const drained = this.#queue.until(() => this.#queue.bytes === 0).catch(() => {});
    await Promise.race([drained, limit]);
    clearTimeout(timer);
  }

  #checkRoom(): void {
    if (this.#closed !== undefined) throw new FedbusError("CLOSED", "the publisher is closed");
    if (this.#fatal !== undefined) throw this.#fatal;
    if (this.#queue.bytes >= this.#options.queueBytesMax)
      throw new FedbusError("QUEUE_FULL", "too much is waiting to be published: await ready()");
  }
}

/** What is no event at all is refused like any other: its neighbours are on their way. */
function refuse(sink: Sink, at: number, error: unknown): void {
  const refusal = isFedbusError(error)
    ? error
    : new FedbusError("EVENT_INVALID", `not an event: ${String(error)}`);
  sink.refused(at, refusal.toJSON());
}

function checkedEnvelope(envelope: string | Uint8Array): string | Uint8Array {
  if (typeof envelope !== "string" && !(envelope instanceof Uint8Array))
    throw new FedbusError("EVENT_INVALID", "an envelope is a text or bytes");
  if (envelope.length === 0) throw new FedbusError("JSON_INVALID", "the envelope is empty");
  return envelope;
}

function spoolFailed(error: unknown): FedbusError {
  return new FedbusError("LOG_WRITE_FAILED", "the spool cannot be written", { cause: error });
}

/** What becomes of an event that may be in the spool when the publisher ends. */
function inSpool({ code, message }: FedbusError): FedbusError {
  return new FedbusError("PUBLISH_UNKNOWN", `may be left in the spool: ${message}`, {
    details: { code },
  });
}

function unanswered(code: ErrorCode): ErrorJson {
  return code === "PUBLISH_UNKNOWN"
    ? { code, message: "sent, but not answered in time: the event may be stored" }
    : { code, message: "not sent: no hub took it in time" };
}
