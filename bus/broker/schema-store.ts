import type { SchemaDefinition, SchemaListing } from "../../schemas/index.js";
import {
  decodeSchemaEvent,
  encodeSchemaEvent,
  SchemaRegistry,
  schemaTopic,
  vetSchema,
} from "../../schemas/index.js";
import { eventsOf } from "../event.js";
import type { EventSource } from "../log/event-source.js";

/** Stores one schema event; resolves with its offset. */
export type AppendSchema = (topic: string, body: unknown) => Promise<number>;

/** The registry as a projection of the log: registering is an event, and opening replays them. */
export class SchemaStore {
  readonly registry: SchemaRegistry;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(registry: SchemaRegistry) {
    this.registry = registry;
  }

  static async open(source: EventSource): Promise<SchemaStore> {
    const registry = new SchemaRegistry();
    let { first: from, head } = await source.info();
    while (from < head) {
      const page = await source.read({ from, to: head, patterns: [schemaTopic] });
      for (const block of page.blocks)
        for (const event of eventsOf(block)) registry.register(decodeSchemaEvent(event.msg));
      from = page.next;
      if (page.done) head = from;
    }
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
      this.registry.register(schema);
      if (this.registry.revision === revision) return undefined;
      return await append(schemaTopic, encodeSchemaEvent(schema));
    });
    this.#last = registered.catch(() => {});
    return registered;
  }
}
