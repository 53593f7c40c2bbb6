import {
  decodeSchemaEvent,
  FedbusError,
  isFedbusError,
  SchemaHistory,
  type SchemaTarget,
  schemaTopic,
  sinceOf,
  TopicFilter,
  Upcaster,
  type Upcasters,
} from "../../schemas/index.js";
import type { BusEvent } from "../event.js";
import { eventsOf } from "../event.js";
import type { EventSource } from "../log/event-source.js";
import { schemaBlocks } from "./schema-blocks.js";

/** How a reader asks for events in newer versions than they were written in. */
export interface UpcastOptions {
  /**
   * `latest`, or a version for each name of a schema (other events come as they are). Default: every
   * event as it is. The stored bytes never change: `event.bytes` stays what its publisher sent.
   */
  readonly schemaVersion?: SchemaTarget;
  /** Functions of versions whose upcaster is a module, by its name. */
  readonly upcasters?: Upcasters;
}

/** Brings events of a source to newer versions, by the schemas that the source itself holds. */
export class UpcastReader {
  readonly #source: EventSource;
  readonly #upcaster: Upcaster;
  readonly #isWanted: (topic: string) => boolean;
  #history: SchemaHistory | undefined;
  /** Where the newest registered version that is known stands. */
  #known = -1;

  /** `patterns` are those of the events that are wanted. */
  constructor(source: EventSource, patterns: readonly string[], options: UpcastOptions) {
    const { schemaVersion: target = "latest", upcasters = {} } = options;
    this.#source = source;
    this.#upcaster = new Upcaster([], { target, upcasters });
    const filter = TopicFilter.of(patterns);
    this.#isWanted = (topic) => topic !== schemaTopic || filter.test(topic);
  }

  /** A reader for these options; undefined if events are wanted as they are. */
  static for(
    source: EventSource,
    patterns: readonly string[],
    options: UpcastOptions,
  ): UpcastReader | undefined {
    return options.schemaVersion === undefined
      ? undefined
      : new UpcastReader(source, patterns, options);
  }

  /** The patterns to read: versions that are registered meanwhile must be seen. */
  static patternsFor(patterns: readonly string[]): readonly string[] {
    return TopicFilter.of(patterns).test(schemaTopic) ? patterns : [...patterns, schemaTopic];
  }

  /**
   * The events that are wanted, each in the version asked for. Rejects with UPCASTER_MISSING, and
   * UPCAST_FAILED with the event's `offset` and `topic` in the details.
   */
  async bring(events: readonly BusEvent[]): Promise<BusEvent[]> {
    // Not before something was read: what is registered from then on comes among the events.
    const history = this.#history ?? (await this.#load());
    const brought: BusEvent[] = [];
    for (const event of events) {
      if (event.topic === schemaTopic) this.#learn(history, event);
      if (this.#isWanted(event.topic)) brought.push(this.#bring(history, event));
    }
    return brought;
  }

  async #load(): Promise<SchemaHistory> {
    const history = new SchemaHistory([]);
    this.#history = history;
    for await (const block of schemaBlocks(this.#source, [schemaTopic]))
      for (const event of eventsOf(block)) this.#learn(history, event);
    return history;
  }

  #learn(history: SchemaHistory, { offset, msg }: BusEvent): void {
    if (offset <= this.#known) return;
    this.#known = offset;
    try {
      const definition = decodeSchemaEvent(msg);
      history.add({ ...definition, since: sinceOf(msg, offset) });
      this.#upcaster.add(definition);
    } catch (error) {
      // The hub passes over such an event too, and says so.
      if (!isFedbusError(error)) throw error;
    }
  }

  #bring(history: SchemaHistory, event: BusEvent): BusEvent {
    const { offset, topic, msg, envelope } = event;
    const written = history.of(offset, topic, envelope.headers?.schema);
    if (written === undefined) return event;
    try {
      const brought = this.#upcaster.upcast(written.name, written.version, msg);
      return brought === msg ? event : event.withMsg(brought);
    } catch (error) {
      if (!isFedbusError(error)) throw error;
      const details = { ...error.details, offset, topic };
      throw new FedbusError(error.code, error.message, { details, cause: error });
    }
  }
}
