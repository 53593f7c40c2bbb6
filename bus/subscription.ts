import { FedbusError } from "../schemas/errors.js";
import type { EventBatch, StartAt, SubscribeOptions, Subscription } from "./bus.js";
import type { BusEvent } from "./event.js";
import { eventsOf } from "./event.js";
import { problemsIn, refuse } from "./kernel/options.js";
import type { EventSource, FollowOptions } from "./log/event-source.js";
import { firstLeft } from "./log/page-request.js";
import { problemsOfUpcast } from "./upcast/check-options.js";
import { UpcastReader } from "./upcast/upcast-reader.js";

/** Where to follow from. */
type Start = Pick<FollowOptions, "from" | "epoch">;

/** A subscription over any source. */
export class SourceSubscription implements Subscription {
  readonly #source: EventSource;
  readonly #patterns: readonly string[];
  readonly #from: StartAt;
  readonly #upcast: UpcastReader | undefined;
  readonly #stop = new AbortController();
  readonly #onClose: (subscription: SourceSubscription) => void;
  readonly #caughtUp: Promise<void>;
  #tellCaughtUp: () => void = () => {};
  #tellFailed: (error: unknown) => void = () => {};
  #started = false;

  constructor(
    source: EventSource,
    patterns: readonly string[],
    options: SubscribeOptions,
    onClose: (subscription: SourceSubscription) => void,
  ) {
    this.#source = source;
    checkSubscribe(options);
    this.#upcast = UpcastReader.for(source, patterns, options);
    this.#patterns = this.#upcast === undefined ? patterns : UpcastReader.patternsFor(patterns);
    this.#from = options.from ?? "live";
    this.#onClose = onClose;
    this.#caughtUp = new Promise((resolve, reject) => {
      this.#tellCaughtUp = resolve;
      this.#tellFailed = reject;
    });
    this.#caughtUp.catch(() => {});
    const { signal } = options;
    if (signal?.aborted === true) this.#stop.abort();
    signal?.addEventListener("abort", () => void this.close(), { signal: this.#stop.signal });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BusEvent> {
    for await (const batch of this.batches()) yield* batch.events;
  }

  async *batches(): AsyncGenerator<EventBatch> {
    if (this.#started) throw new TypeError("a subscription can be iterated once");
    this.#started = true;
    try {
      for await (const page of this.#pages()) {
        if (page.caughtUp) this.#tellCaughtUp();
        // The stream moved on over events that do not match.
        if (page.blocks.length === 0 && !page.caughtUp) continue;
        const stored =
          page.blocks.length === 1 ? eventsOf(page.blocks[0]!) : page.blocks.flatMap(eventsOf);
        const events = this.#upcast === undefined ? stored : await this.#upcast.bring(stored);
        yield { events, next: page.next, caughtUp: page.caughtUp };
      }
    } catch (error) {
      this.#tellFailed(error);
      throw error;
    } finally {
      await this.close();
    }
  }

  whenCaughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  close(): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#stop.abort();
      this.#tellFailed(
        new FedbusError("CLOSED", "the subscription was closed before it caught up"),
      );
      this.#onClose(this);
    }
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#pages() {
    const { signal } = this.#stop;
    let start: Start | undefined;
    for (let began = false; !began; )
      try {
        start ??= await this.#start();
        const options: FollowOptions = { ...start, patterns: this.#patterns, signal };
        for await (const page of this.#source.follow(options)) {
          began = true;
          yield page;
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        // The earliest event is the first one that retention has left, whatever that is.
        const first = this.#isOffset ? undefined : firstLeft(error);
        if (began || first === undefined || first === start?.from) throw error;
        start = { from: first };
      }
  }

  get #isOffset(): boolean {
    return typeof this.#from === "object" && "offset" in this.#from;
  }

  async #start(): Promise<Start> {
    const from = this.#from;
    if (from === "live") return { from };
    if (from === "earliest") return { from: (await this.#source.info()).first };
    if ("time" in from) return { from: await this.#source.offsetAtTime(from.time) };
    return from.epoch === undefined
      ? { from: from.offset }
      : { from: from.offset, epoch: from.epoch };
  }
}

function checkSubscribe(options: SubscribeOptions): void {
  const problems = problemsIn(options, {
    from: "other",
    signal: "other",
    schemaVersion: "other",
    upcasters: "other",
  });
  problems.push(...problemsOfUpcast(options));
  const { from } = options;
  const place = typeof from === "object" && from !== null ? (Object.values(from)[0] as unknown) : 0;
  const isPlace =
    from === undefined ||
    from === "live" ||
    from === "earliest" ||
    (typeof from === "object" && from !== null && ("offset" in from || "time" in from));
  if (!isPlace || !(Number.isSafeInteger(place) && (place as number) >= 0))
    problems.push("from must be live, earliest, { offset: 7 } or { time: 1700000000000 }");
  refuse("subscribe", problems);
}
