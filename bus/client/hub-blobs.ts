import { randomUUID } from "node:crypto";
import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { blobCorrupt, checkBlobSize, checkedBlob, sha256Of } from "../blobs/blob-checks.js";
import type { BlobInfo, BlobStore } from "../blobs/blob-store.js";
import { Backoff } from "../kernel/backoff.js";
import { blobChunkBytesMax } from "../wire/limits.js";
import type { Answer, Connection } from "./connection.js";

/** A hub that is away, or busy, is asked again for this long. */
const patienceMs = 30_000;

/** The blobs of a hub's log, piece by piece; checked here as a whole. */
export class HubBlobs implements BlobStore {
  readonly #connection: Connection;
  readonly #patienceMs: number;

  constructor(connection: Connection, options: { readonly patienceMs?: number } = {}) {
    this.#connection = connection;
    this.#patienceMs = options.patienceMs ?? patienceMs;
  }

  async put(bytes: Uint8Array): Promise<string> {
    checkBlobSize(bytes.length);
    // The caller may change its bytes while they are sent.
    const blob = Buffer.from(bytes);
    const sha256 = sha256Of(blob);
    const upload = randomUUID();
    let restarts = 0;
    for (let at = 0; ; ) {
      const block = blob.subarray(at, at + blobChunkBytesMax);
      const params = { upload, sha256, bytes: blob.length, at };
      const { result } = await this.#ask("put-blob", params, block);
      const { received, done } = result as { received: number; done: boolean };
      if (done) return sha256;
      // A hub that was begun anew, or that has given the upload up, wants it from the beginning.
      if (received <= at && ++restarts > 3)
        throw new FedbusError("HUB_BUSY", "the hub does not keep what is sent of a blob");
      at = received;
    }
  }

  async get(sha256: string): Promise<Buffer> {
    const { bytes, part } = await this.#part(sha256, 0);
    checkBlobSize(bytes);
    const blob = Buffer.alloc(bytes);
    let at = part.copy(blob);
    while (at < bytes) {
      const next = await this.#part(sha256, at);
      if (next.bytes !== bytes || next.part.length === 0)
        throw blobCorrupt(sha256, { bytes, found: next.bytes });
      at += next.part.copy(blob, at);
    }
    return checkedBlob(sha256, blob);
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#ask("has-blob", { sha256 })).result as boolean;
  }

  async list(): Promise<readonly BlobInfo[]> {
    const infos: BlobInfo[] = [];
    for (let done = false; !done; ) {
      const { result } = await this.#ask("blobs", { after: infos.at(-1)?.sha256 });
      const page = result as { items: BlobInfo[]; done: boolean };
      infos.push(...page.items);
      done = page.done;
    }
    return infos;
  }

  async #part(sha256: string, from: number): Promise<{ bytes: number; part: Buffer }> {
    const { result, blocks } = await this.#ask("get-blob", { sha256, from });
    const [part] = blocks;
    if (part === undefined)
      throw new FedbusError("PROTOCOL_INVALID", "the hub answered without a piece of the blob");
    return { bytes: (result as { bytes: number }).bytes, part };
  }

  /** Asks until the hub answers: asking twice does no harm here. */
  async #ask(op: string, params: object, block?: Buffer): Promise<Answer> {
    const deadline = performance.now() + this.#patienceMs;
    const backoff = new Backoff();
    for (;;) {
      try {
        return await this.#connection.request(op, params, block === undefined ? {} : { block });
      } catch (error) {
        const passes = isFedbusError(error, "HUB_UNREACHABLE") || isFedbusError(error, "HUB_BUSY");
        if (!passes || performance.now() >= deadline) throw error;
        await backoff.wait(never);
      }
    }
  }
}

const never = new AbortController().signal;
