import { isFedbusError } from "../../schemas/errors.js";
import type { SchemaDefinition, SchemaListing } from "../../schemas/index.js";
import {
  decodeSchemaEvent,
  encodeSchemaEvent,
  SchemaRegistry,
  schemaTopic,
  vetSchema,
} from "../../schemas/index.js";
import type { Block } from "../block/block.js";
import type { BusEvent } from "../event.js";
import { eventsOf } from "../event.js";
import type { Logger } from "../kernel/logger.js";
import { silentLogger } from "../kernel/logger.js";
import type { EventSource } from "../log/event-source.js";

/** Stores schema events, next to each other; resolves with the first one's offset. */
export type AppendSchemas = (topic: string, bodies: readonly unknown[]) => Promise<number>;

/** Where the log has an event. */
export interface EventPlace {
  readonly offset: number;
  /** At least the offset behind it, and at most that behind its block. */
  readonly next: number;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
}

/** Schemas are stored anew in batches of about this size: well below a block's. */
const restoredBytesMax = 1024 * 1024;

/**
 * The registry as a projection of the log: registering is an event, and opening replays them. An
 * event that cannot be used, such as one whose schema this version's compiler refuses, is logged and
 * passed over: a bus that does not start would help nobody. Its topics are then checked by whatever
 * else is bound to them, and registering the version anew, even with other content, mends it.
 */
export class SchemaStore {
  readonly registry: SchemaRegistry;
  /** In force, but their events could not be stored: `name@version`. */
  readonly #unstored = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(registry: SchemaRegistry) {
    this.registry = registry;
  }

  static async open(source: EventSource, logger: Logger = silentLogger): Promise<SchemaStore> {
    const registry = new SchemaRegistry();
    for await (const block of schemaBlocks(source))
      for (const event of eventsOf(block)) replay(registry, event, logger);
    return new SchemaStore(registry);
  }

  list(): readonly SchemaListing[] {
    return this.registry.list();
  }

  /**
   * Checks the schema, stores it as an event and puts it in force; resolves with the event's
   * offset, or undefined if the same version with the same content is registered already.
   */
  register(schema: SchemaDefinition, append: AppendSchemas): Promise<number | undefined> {
    const registered = this.#last.then(async () => {
      await vetSchema(schema);
      const { revision } = this.registry;
      const key = `${schema.name}@${schema.version}`;
      this.registry.register(schema);
      if (this.registry.revision === revision && !this.#unstored.has(key)) return undefined;
      this.#unstored.add(key);
      const offset = await append(schemaTopic, [encodeSchemaEvent(schema)]);
      this.#unstored.delete(key);
      return offset;
    });
    this.#last = registered.catch(() => {});
    return registered;
  }

  /**
   * A schema has no age: stores those in force anew if retention has removed the event of one, or
   * will (`goes`). All of them, since what a version may bind depends on those before it.
   */
  restore(
    source: EventSource,
    append: AppendSchemas,
    goes: (place: EventPlace) => boolean = () => false,
  ): Promise<void> {
    const restored = this.#last.then(async () => {
      const schemas = this.list();
      if (schemas.length === 0) return;
      const kept = new Set<string>();
      for (const [key, place] of await latestPlaces(source)) if (!goes(place)) kept.add(key);
      if (schemas.every(({ name, version }) => kept.has(`${name}@${version}`))) return;
      // The latest version of each name first: older ones then bind nothing when they are replayed.
      const bodies = schemas
        .toReversed()
        .map(({ name, version, topics, schema }) =>
          encodeSchemaEvent({ name, version, topics, schema }),
        );
      for (const batch of batchesOf(bodies)) await append(schemaTopic, batch);
    });
    this.#last = restored.catch(() => {});
    return restored;
  }
}

/** Where the newest event of each schema version is, by `name@version`. */
async function latestPlaces(source: EventSource): Promise<Map<string, EventPlace>> {
  const places = new Map<string, EventPlace>();
  for await (const block of schemaBlocks(source)) {
    const { recordedAt, nextOffset: next } = block;
    for (const { offset, msg } of eventsOf(block)) {
      const { name, version } = msg as SchemaDefinition;
      places.set(`${name}@${version}`, { offset, next, recordedAt });
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
  yield batch;
}

/** Where reading goes on: what was removed or damaged is not there, for the start as for a reader. */
function behind(error: unknown): number {
  if (isFedbusError(error, "LOG_TRUNCATED")) return error.details.first as number;
  if (isFedbusError(error, "LOG_CORRUPT")) return error.details.to as number;
  throw error;
}

async function* schemaBlocks(source: EventSource): AsyncGenerator<Block> {
  const patterns = [schemaTopic];
  let { first: from, head: to } = await source.info();
  while (from < to)
    try {
      const page = await source.read({ from, to, patterns });
      yield* page.blocks;
      from = page.next;
      if (page.done) to = from;
    } catch (error) {
      from = behind(error);
    }
}

function replay(registry: SchemaRegistry, event: BusEvent, logger: Logger): void {
  try {
    registry.register(decodeSchemaEvent(event.msg));
  } catch (error) {
    const fields = { offset: event.offset, error: String(error) };
    logger.error(fields, "a schema in the log cannot be used; its topics go without it");
  }
}
