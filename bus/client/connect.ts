import type { SchemaDefinition, SchemaListing } from "../../schemas/index.js";
import { encodeSchemaEvent } from "../../schemas/index.js";
import type { ProducerBatch } from "../broker/admission.js";
import type { OpenedProducer } from "../broker/producers.js";
import type { Bus, BusStats } from "../bus.js";
import type { Logger } from "../kernel/logger.js";
import { silentLogger } from "../kernel/logger.js";
import { checkOptions } from "../kernel/options.js";
import type { BatchAnswer } from "../log/event-log.js";
import type { TrimOptions, TrimResult } from "../log/retention.js";
import type { TrimPlan } from "../log/trim-plan.js";
import type { PublishPort } from "../publisher/port.js";
import { SourceBus } from "../source-bus.js";
import { checkAddress, defaultUrl } from "../wire/address.js";
import { Connection } from "./connection.js";
import { HubSource } from "./hub-source.js";

export interface ConnectOptions {
  /** A hub that has not answered a request for this long is unreachable. Default 5,000. */
  readonly timeoutMs?: number;
  /** Does not wait for the hub to answer: for publishers with a spool. Default false. */
  readonly lazy?: boolean;
  readonly logger?: Logger;
}

/** Trimming rewrites blocks and gives back space: it may take this long. */
const trimTimeoutMs = 600_000;
/** A schema is tried out in a process of its own before it is taken. */
const registerTimeoutMs = 30_000;

/**
 * Connects to a hub. Fails with ADDRESS_INVALID, with HUB_UNREACHABLE if no hub answers in time,
 * and with PROTOCOL_VERSION. Later losses of the connection heal by themselves.
 */
export async function connect(
  url: string = defaultUrl,
  options: ConnectOptions = {},
): Promise<Bus> {
  checkOptions("connect", options, { timeoutMs: "count", lazy: "flag", logger: "other" });
  checkAddress(url);
  const { timeoutMs = 5000, lazy = false, logger = silentLogger } = options;
  const open = (): Connection => new Connection(url, { timeoutMs, logger });
  const connection = open();
  const source = new HubSource(connection, logger);
  try {
    if (!lazy) await source.greet();
  } catch (error) {
    connection.close();
    throw error;
  }
  return new SourceBus({
    source,
    openPort: () => {
      // Acknowledgements do not queue behind pages of history: each publisher has its own socket.
      const own = open();
      return { port: hubPort(own), close: () => own.close() };
    },
    administration: hubAdministration(connection, timeoutMs),
    close: async () => {
      source.close();
      connection.close();
    },
  });
}

function hubPort(connection: Connection): PublishPort {
  return {
    openProducer: async (request) =>
      (await connection.request("open-producer", request)).result as OpenedProducer,
    publish: async ({ block, ...params }: ProducerBatch) =>
      (await connection.request("publish", params, { block })).result as BatchAnswer,
  };
}

function hubAdministration(connection: Connection, timeoutMs: number) {
  const ask = async (op: string, params: object, options = {}): Promise<unknown> =>
    (await connection.request(op, params, options)).result;
  return {
    registerSchema: async (schema: SchemaDefinition) =>
      (await ask(
        "register-schema",
        { schema: encodeSchemaEvent(schema) },
        { timeoutMs: Math.max(timeoutMs, registerTimeoutMs) },
      )) as number,
    schemas: async () => {
      const schemas: SchemaListing[] = [];
      for (let done = false; !done; ) {
        const page = await ask("schemas", { from: schemas.length });
        schemas.push(...(page as { items: SchemaListing[] }).items);
        done = (page as { done: boolean }).done;
      }
      return schemas;
    },
    stats: async () => (await ask("stats", {})) as BusStats,
    trim: async (options: TrimOptions) =>
      (await ask("trim", limitsOf(options), { timeoutMs: trimTimeoutMs })) as TrimResult,
    planTrim: async (options: TrimOptions) =>
      (await ask("plan-trim", limitsOf(options), { timeoutMs: trimTimeoutMs })) as TrimPlan,
  };
}

/** What of the options goes to the hub. */
function limitsOf({ signal: _, onProgress: __, ...limits }: TrimOptions): object {
  return limits;
}
