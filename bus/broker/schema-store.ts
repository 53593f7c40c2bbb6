import { isFedbusError } from "../../schemas/errors.js";
import type { SchemaDefinition, SchemaListing } from "../../schemas/index.js";
import {
  decodeSchemaEvent,
  encodeSchemaEvent,
  SchemaRegistry,
  schemaTopic,
  vetSchema,
} from "../../schemas/index.js";
import type { BusEvent } from "../event.js";
import { eventsOf } from "../event.js";
import type { Logger } from "../kernel/logger.js";
import { silentLogger } from "../kernel/logger.js";
import type { EventSource } from "../log/event-source.js";

/** Stores one schema event; resolves with its offset. */
export type AppendSchema = (topic: string, body: unknown) => Promise<number>;

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
    for await (const event of schemaEvents(source)) replay(registry, event, logger);
    return new SchemaStore(registry);
  }

  list(): readonly SchemaListing[] {
    return this.registry.list();
  }

  /**
   * Checks the schema, stores it as an event and puts it in force; resolves with the event's
   * offset, or undefined if the same version with the same content is registered already.
   */
  register(schema: SchemaDefinition, append: AppendSchema): Promise<number | undefined> {
    const registered = this.#last.then(async () => {
      await vetSchema(schema);
      const { revision } = this.registry;
      const key = `${schema.name}@${schema.version}`;
      this.registry.register(schema);
      if (this.registry.revision === revision && !this.#unstored.has(key)) return undefined;
      this.#unstored.add(key);
      const offset = await append(schemaTopic, encodeSchemaEvent(schema));
      this.#unstored.delete(key);
      return offset;
    });
    this.#last = registered.catch(() => {});
    return registered;
  }

  /** Stores the schemas in force whose events retention has removed: a schema has no age. */
  restore(source: EventSource, append: AppendSchema): Promise<void> {
    const restored = this.#last.then(async () => {
      const kept = new Set<string>();
      for await (const event of schemaEvents(source)) {
        const { name, version } = event.msg as SchemaDefinition;
        kept.add(`${name}@${version}`);
      }
      // The latest version of each name first: older ones then bind nothing when they are replayed.
      for (const { name, version, topics, schema } of this.list().toReversed())
        if (!kept.has(`${name}@${version}`))
          await append(schemaTopic, encodeSchemaEvent({ name, version, topics, schema }));
    });
    this.#last = restored.catch(() => {});
    return restored;
  }
}

/** Where reading goes on: what was removed or damaged is not there, for the start as for a reader. */
function behind(error: unknown): number {
  if (isFedbusError(error, "LOG_TRUNCATED")) return error.details.first as number;
  if (isFedbusError(error, "LOG_CORRUPT")) return error.details.to as number;
  throw error;
}

async function* schemaEvents(source: EventSource): AsyncGenerator<BusEvent> {
  const patterns = [schemaTopic];
  let { first: from, head: to } = await source.info();
  while (from < to)
    try {
      const page = await source.read({ from, to, patterns });
      for (const block of page.blocks) yield* eventsOf(block);
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
