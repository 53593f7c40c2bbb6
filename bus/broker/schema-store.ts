import type { BusPolicy, SchemaDefinition, SchemaListing } from "../../schemas/index.js";
import {
  decodePolicyEvent,
  decodeSchemaEvent,
  definitionOf,
  encodeSchemaEvent,
  policyDefault,
  policyTopic,
  SchemaRegistry,
  schemaTopic,
  sinceOf,
  vetSchema,
} from "../../schemas/index.js";
import type { Block } from "../block/block.js";
import type { BusEvent } from "../event.js";
import { eventsOf } from "../event.js";
import type { Logger } from "../kernel/logger.js";
import { silentLogger } from "../kernel/logger.js";
import type { EventSource } from "../log/event-source.js";
import { schemaBlocks } from "../upcast/schema-blocks.js";
import { checkCompatible } from "./schema-promise.js";

/** Stores the bus's own events, next to each other; resolves with the first one's offset. */
export type AppendOwn = (topic: string, bodies: readonly unknown[]) => Promise<number>;

/** Where the log has an event. */
export interface EventPlace {
  readonly offset: number;
  /** At least the offset behind it, and at most that behind its block. */
  readonly next: number;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  /** Whether its block has none but such events. */
  readonly alone: boolean;
}

/** What a trim must do about schemas: store them anew first, or leave everything from `from` on. */
export interface Standing {
  readonly mustRestore: boolean;
  /** Offset of the oldest event that is needed; past everything if none is. */
  readonly from: number;
}

/** Schemas are stored anew in batches of about this size: well below a block's. */
const restoredBytesMax = 1024 * 1024;

/**
 * The registry, and the policy for topics outside it, as a projection of the log: both are changed by
 * events, and opening replays them. An event that cannot be used, such as one whose schema this
 * version's compiler refuses, is logged and passed over: a bus that does not start would help nobody.
 * Its topics are then checked by whatever else is bound to them, and registering the version anew,
 * even with other content, mends it.
 */
export class SchemaStore {
  readonly registry: SchemaRegistry;
  #policy: BusPolicy;
  /** In force, but their events could not be stored: `name@version`. */
  readonly #unstored = new Set<string>();
  /** Where each came into force: `name@version`. */
  readonly #since: Map<string, number>;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(registry: SchemaRegistry, since: Map<string, number>, policy: BusPolicy) {
    this.registry = registry;
    this.#since = since;
    this.#policy = policy;
  }

  static async open(source: EventSource, logger: Logger = silentLogger): Promise<SchemaStore> {
    const registry = new SchemaRegistry();
    const since = new Map<string, number>();
    let policy = policyDefault;
    for await (const block of ownBlocks(source))
      for (const event of eventsOf(block))
        if (event.topic === policyTopic) policy = replayPolicy(policy, event, logger);
        else replay(registry, since, event, logger);
    return new SchemaStore(registry, since, policy);
  }

  /** How the log is run, unless whoever runs it says otherwise. */
  get policy(): BusPolicy {
    return this.#policy;
  }

  /** Stores how the log is run from now on, if that is new. */
  setPolicy(policy: BusPolicy, append: AppendOwn): Promise<void> {
    const set = this.#last.then(async () => {
      if (policy.unknownTopics === this.#policy.unknownTopics) return;
      await append(policyTopic, [policy]);
      this.#policy = policy;
    });
    this.#last = set.catch(() => {});
    return set;
  }

  list(): readonly SchemaListing[] {
    return this.registry.list().map((listing) => {
      const since = this.#since.get(keyOf(listing));
      return since === undefined ? listing : { ...listing, since };
    });
  }

  /**
   * Checks the schema, stores it as an event and puts it in force; resolves with the event's
   * offset, or undefined if the same version with the same content is registered already. Rejects
   * with SCHEMA_INCOMPATIBLE if the versions before promise what this one does not keep.
   */
  register(
    schema: SchemaDefinition,
    source: EventSource,
    append: AppendOwn,
  ): Promise<number | undefined> {
    const registered = this.#last.then(async () => {
      await vetSchema(schema);
      await checkCompatible(this.registry, schema, { source, listings: this.list() });
      const { revision } = this.registry;
      const key = keyOf(schema);
      this.registry.register(schema);
      if (this.registry.revision === revision && !this.#unstored.has(key)) return undefined;
      this.#unstored.add(key);
      const offset = await append(schemaTopic, [encodeSchemaEvent(schema)]);
      this.#unstored.delete(key);
      this.#since.set(key, offset);
      return offset;
    });
    this.#last = registered.catch(() => {});
    return registered;
  }

  /** Where those in force stand in the log, if what is where `goes` says so goes. */
  async standing(source: EventSource, goes: (place: EventPlace) => boolean): Promise<Standing> {
    const needed = this.list().map(keyOf);
    if (this.#isPolicyNeeded) needed.push(policyTopic);
    const places = await latestPlaces(source);
    let from = Number.MAX_SAFE_INTEGER;
    let mustRestore = false;
    for (const key of needed) {
      const place = places.get(key);
      if (place === undefined || goes(place)) mustRestore = true;
      else from = Math.min(from, place.offset);
    }
    return { mustRestore, from };
  }

  /**
   * A schema has no age: stores those in force anew if retention will remove the event of one
   * (`goes`), or has. All of them, since what a version may bind depends on those before it.
   * Resolves with the offset of the oldest event that is needed from now on.
   */
  restore(
    source: EventSource,
    append: AppendOwn,
    goes: (place: EventPlace) => boolean,
  ): Promise<number> {
    const restored = this.#last.then(async () => {
      const { mustRestore, from } = await this.standing(source, goes);
      return mustRestore ? await this.#storeAnew(append) : from;
    });
    this.#last = restored.catch(() => {});
    return restored;
  }

  async #storeAnew(append: AppendOwn): Promise<number> {
    const offsets: number[] = [];
    if (this.#isPolicyNeeded) offsets.push(await append(policyTopic, [this.#policy]));
    // The latest version of each name first: older ones then bind nothing when they are replayed.
    const bodies = this.list()
      .toReversed()
      .map((listing) => encodeSchemaEvent(definitionOf(listing), listing.since));
    for (const batch of batchesOf(bodies)) offsets.push(await append(schemaTopic, batch));
    return offsets[0]!;
  }

  get #isPolicyNeeded(): boolean {
    return this.#policy.unknownTopics !== policyDefault.unknownTopics;
  }
}

function keyOf({ name, version }: Pick<SchemaDefinition, "name" | "version">): string {
  return `${name}@${version}`;
}

/** Where the newest event of each schema version is, by `name@version`, and that of the policy. */
async function latestPlaces(source: EventSource): Promise<Map<string, EventPlace>> {
  const places = new Map<string, EventPlace>();
  for await (const block of ownBlocks(source)) {
    const { recordedAt, nextOffset: next } = block;
    // What was taken out of a block that has more is sparse.
    const alone = !block.sparse;
    for (const { offset, topic, msg } of eventsOf(block)) {
      const key = topic === policyTopic ? topic : keyOf((msg ?? {}) as SchemaDefinition);
      places.set(key, { offset, next, recordedAt, alone });
    }
  }
  return places;
}

function* batchesOf(bodies: readonly unknown[]): Generator<unknown[]> {
  let batch: unknown[] = [];
  let bytes = 0;
  for (const body of bodies) {
    const size = JSON.stringify(body).length;
    if (batch.length > 0 && bytes + size > restoredBytesMax) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(body);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

const ownBlocks = (source: EventSource): AsyncGenerator<Block> =>
  schemaBlocks(source, [schemaTopic, policyTopic]);

function replay(
  registry: SchemaRegistry,
  since: Map<string, number>,
  { offset, msg }: BusEvent,
  logger: Logger,
): void {
  try {
    const key = keyOf(registry.register(decodeSchemaEvent(msg)));
    if (!since.has(key)) since.set(key, sinceOf(msg, offset));
  } catch (error) {
    const fields = { offset, error: String(error) };
    logger.error(fields, "a schema in the log cannot be used; its topics go without it");
  }
}

function replayPolicy(before: BusPolicy, event: BusEvent, logger: Logger): BusPolicy {
  try {
    return decodePolicyEvent(event.msg);
  } catch (error) {
    const fields = { offset: event.offset, error: String(error) };
    logger.error(fields, "a policy in the log cannot be used; the one before it stays");
    return before;
  }
}
