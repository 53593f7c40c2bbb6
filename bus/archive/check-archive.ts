import type { Envelope } from "../../schemas/envelope.js";
import {
  isFedbusError,
  SchemaBindings,
  type SchemaDefinition,
  SchemaHistory,
  type SchemaListing,
  SchemaRegistry,
  Upcaster,
  type Upcasters,
} from "../../schemas/index.js";
import type { Block } from "../block/block.js";
import type { EventSource, Page } from "../log/event-source.js";
import { type ArchiveReason, RefusalReasons } from "./refusal-reasons.js";

/** What a new version would do to what is stored. */
export interface ArchiveReport {
  /** Offsets looked at: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Events that the schema is for, and how many of them it refuses. */
  readonly checked: number;
  readonly refused: number;
  /** The first events that are refused. */
  readonly firstRefused: readonly number[];
  readonly reasons: readonly ArchiveReason[];
  /** Ranges that could not be read. */
  readonly damaged: readonly { readonly from: number; readonly to: number }[];
}

export interface ArchiveCheckOptions {
  /** The version to check, which need not be registered. */
  readonly definition: SchemaDefinition;
  /** What is registered: which topics are the schema's, and what events were written under. */
  readonly listings: readonly SchemaListing[];
  /** Brings events to the version first, by its upcaster and those before it. Default false. */
  readonly upcast?: boolean;
  /** Functions of upcasters by module. */
  readonly upcasters?: Upcasters;
  /** Default: the first event that is left, and the head. */
  readonly from?: number;
  readonly to?: number;
  readonly signal?: AbortSignal;
  /** Told after each page. */
  readonly onProgress?: (offset: number) => void;
}

const offsetsMax = 10;

/**
 * Holds every stored event of the schema's topics against a version of it. Only blocks with such topics
 * are read. Events that name another schema in `headers.schema` are left out. Rejects with
 * SCHEMA_INVALID, SCHEMA_CONFLICT, UPCASTER_MISSING, and what reading rejects with but LOG_CORRUPT.
 */
export async function checkArchive(
  source: EventSource,
  options: ArchiveCheckOptions,
): Promise<ArchiveReport> {
  const { first, head } = await source.info();
  const { from = first, to = head, signal, onProgress } = options;
  const check = new ArchiveCheck(options);
  const damaged: { from: number; to: number }[] = [];
  for (let next = from; next < to; onProgress?.(next)) {
    signal?.throwIfAborted();
    try {
      const page: Page = await source.read({ from: next, to, patterns: check.patterns });
      for (const block of page.blocks) check.take(block);
      next = page.done ? to : page.next;
    } catch (error) {
      next = behind(error, damaged);
    }
  }
  return { from, to, ...check.result(), damaged };
}

/** Where reading goes on behind what is damaged or gone. */
function behind(error: unknown, damaged: { from: number; to: number }[]): number {
  if (isFedbusError(error, "LOG_TRUNCATED")) return error.details.first as number;
  if (!isFedbusError(error, "LOG_CORRUPT")) throw error;
  const { from, to } = error.details as { readonly from: number; readonly to: number };
  damaged.push({ from, to });
  return to;
}

/** One version, and what became of the events it was held against. */
class ArchiveCheck {
  readonly patterns: readonly string[];
  readonly #name: string;
  readonly #bindings = new SchemaBindings();
  readonly #validate;
  readonly #history: SchemaHistory;
  readonly #upcaster: Upcaster | undefined;
  readonly #reasons = new RefusalReasons();
  readonly #firstRefused: number[] = [];
  #checked = 0;
  #refused = 0;

  constructor({ definition, listings, upcast, upcasters }: ArchiveCheckOptions) {
    const { name, version } = definition;
    const registry = new SchemaRegistry();
    registry.register(definition);
    this.#validate = registry.named(name).validate;
    this.#name = name;
    const others = listings.filter((one) => one.name !== name);
    for (const listing of others) this.#bindings.bind(listing);
    this.#bindings.bind(definition);
    this.patterns = definition.topics;
    this.#history = new SchemaHistory(listings);
    const before = listings.filter((one) => one.name === name && one.version < version);
    this.#upcaster =
      upcast === true
        ? new Upcaster([...before, definition], upcasters === undefined ? {} : { upcasters })
        : undefined;
  }

  take(block: Block): void {
    const wanted = block.topics.map((topic) => this.#bindings.forTopic(topic)?.name === this.#name);
    if (!wanted.includes(true)) return;
    let index = 0;
    for (const run of block.runs() as Iterable<Envelope[]>)
      for (const event of run) {
        if (wanted[block.topicIds[index]!] === true) this.#check(event, block, index);
        index++;
      }
  }

  result(): Omit<ArchiveReport, "from" | "to" | "damaged"> {
    return {
      checked: this.#checked,
      refused: this.#refused,
      firstRefused: this.#firstRefused,
      reasons: this.#reasons.list(),
    };
  }

  #check(event: Envelope, block: Block, index: number): void {
    const named = event.headers?.schema;
    if (typeof named === "string" && named.split("@", 1)[0] !== this.#name) return;
    this.#checked++;
    const problem =
      this.#upcaster === undefined
        ? this.#validate(event.msg)
        : this.#checkUpcast(this.#upcaster, event, block.offsetOf(index));
    if (problem === undefined) return;
    this.#refused++;
    const offset = block.offsetOf(index);
    if (this.#firstRefused.length < offsetsMax) this.#firstRefused.push(offset);
    this.#reasons.add(problem, offset);
  }

  #checkUpcast(upcaster: Upcaster, event: Envelope, offset: number) {
    const written = this.#history.of(offset, event.topic, event.headers?.schema);
    // An event from before there was a schema is taken to be of the first version.
    const from = written?.name === this.#name ? written.version : 0;
    try {
      return this.#validate(upcaster.upcast(this.#name, from, event.msg));
    } catch (error) {
      if (!isFedbusError(error, "UPCAST_FAILED")) throw error;
      return { pointer: "", keyword: "upcast", expected: error.message };
    }
  }
}
