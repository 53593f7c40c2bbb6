import { FedbusError } from "../../schemas/errors.js";
import { decodeSchemaEvent } from "../../schemas/index.js";
import type { Broker } from "../broker/broker.js";
import type { TrimOptions } from "../log/retention.js";
import {
  batchBytesMax,
  batchEventsMax,
  blobChunkBytesMax,
  pageBytesMax,
  protocolVersion,
} from "../wire/limits.js";
import { BlobUploads } from "./blob-uploads.js";
import { firstPage } from "./paging.js";
import { object, optionalNumber, optionalTexts, text, wholeNumber } from "./params.js";

type Params = Readonly<Record<string, unknown>>;

/** A result, with the blocks that follow it as frames. */
export interface Served {
  readonly result: unknown;
  readonly frames?: readonly Buffer[];
}

type Operation = (params: Params, frames: readonly Buffer[]) => Promise<Served>;

/** What the hub tells of itself in its greeting. */
export interface HubIdentity {
  /** Endpoint of the broadcasts. */
  readonly broadcast: string;
  readonly dir: string | undefined;
}

/** The hub's operations by name: what each takes and gives is in docs/wire.md. */
export function operationsOf(broker: Broker, hub: HubIdentity): ReadonlyMap<string, Operation> {
  const { log } = broker;
  const uploads = new BlobUploads(log.blobs);
  const operations: Record<string, Operation> = {
    hello: async (params) => {
      if (wholeNumber(params, "version") < 1)
        throw new FedbusError("PROTOCOL_VERSION", `this hub speaks version ${protocolVersion}`);
      const limits = { batchBytesMax, batchEventsMax, pageBytesMax };
      const info = await log.info();
      return {
        result: { version: protocolVersion, ...info, broadcast: hub.broadcast, limits },
      };
    },
    "open-producer": async (params) => ({
      result: await broker.openProducer({
        producer: text(params, "producer"),
        ...optionalNumber(params, "epoch"),
        ...optionalNumber(params, "nextSeq"),
      }),
    }),
    publish: async (params, frames) => ({
      result: await broker.publish({
        producer: text(params, "producer"),
        epoch: wholeNumber(params, "epoch"),
        seq: wholeNumber(params, "seq"),
        block: onlyFrame(frames, "publish takes exactly one block"),
      }),
    }),
    read: async (params) => {
      const { blocks, ...result } = await log.read(readOptions(params));
      return { result, frames: blocks.map((block) => block.bytes) };
    },
    info: async () => ({ result: await log.info() }),
    "offset-at-time": async (params) => ({
      result: await log.offsetAtTime(wholeNumber(params, "time")),
    }),
    topics: async (params) => {
      const topics = await log.topics(optionalTexts(params, "patterns").patterns);
      const after = params.after === undefined ? "" : text(params, "after");
      return { result: firstPage(topics.filter(({ topic }) => topic > after)) };
    },
    stats: async () => {
      const stats = await broker.stats();
      return { result: hub.dir === undefined ? stats : { ...stats, dir: hub.dir } };
    },
    schemas: async (params) => {
      const { from = 0 } = optionalNumber(params, "from");
      return { result: firstPage(broker.schemas().slice(from)) };
    },
    "register-schema": async (params) => ({
      result: await broker.registerSchema(decodeSchemaEvent(object(params, "schema"))),
    }),
    "put-blob": async (params, frames) => ({
      result: await uploads.take({
        upload: text(params, "upload"),
        sha256: text(params, "sha256"),
        bytes: wholeNumber(params, "bytes"),
        at: wholeNumber(params, "at"),
        part: onlyFrame(frames, "put-blob takes exactly one piece"),
      }),
    }),
    "get-blob": async (params) => {
      const from = wholeNumber(params, "from");
      const { bytes, part } = await log.blobs.part(text(params, "sha256"), from, blobChunkBytesMax);
      return { result: { bytes }, frames: [part] };
    },
    "has-blob": async (params) => ({ result: await log.blobs.has(text(params, "sha256")) }),
    blobs: async (params) => {
      const after = params.after === undefined ? "" : text(params, "after");
      const blobs = await log.blobs.list();
      return { result: firstPage(blobs.filter(({ sha256 }) => sha256 > after)) };
    },
    "plan-trim": async (params) => ({ result: await broker.planTrim(trimOptions(params)) }),
    trim: async (params) => ({ result: await broker.trim(trimOptions(params)) }),
  };
  return new Map(Object.entries(operations));
}

function onlyFrame(frames: readonly Buffer[], rule: string): Buffer {
  const [frame] = frames;
  if (frame === undefined || frames.length !== 1) throw new FedbusError("PROTOCOL_INVALID", rule);
  return frame;
}

function readOptions(params: Params) {
  const order = orderOf(params.order);
  const { bytesMax = 1024 * 1024 } = optionalNumber(params, "bytesMax");
  return {
    from: wholeNumber(params, "from"),
    ...optionalNumber(params, "to"),
    ...optionalTexts(params, "patterns"),
    ...optionalNumber(params, "epoch"),
    order,
    bytesMax: Math.min(bytesMax, pageBytesMax),
  };
}

function orderOf(order: unknown = "asc"): "asc" | "desc" {
  if (order === "asc" || order === "desc") return order;
  throw new FedbusError("PROTOCOL_INVALID", "`params.order` must be asc or desc");
}

function trimOptions(params: Params): TrimOptions {
  return {
    ...optionalNumber(params, "before"),
    ...optionalNumber(params, "ageMsMax"),
    ...optionalNumber(params, "bytesMax"),
    ...optionalNumber(params, "countMax"),
    ...optionalNumber(params, "notPast"),
    ...optionalNumber(params, "now"),
    ...(params.pattern === undefined ? {} : { pattern: text(params, "pattern") }),
  };
}
