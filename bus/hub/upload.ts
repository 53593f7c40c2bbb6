import { FedbusError } from "../../schemas/errors.js";
import type { BlobDraft, BlobInfo, BlobStorage } from "../blobs/blob-store.js";

/** A piece of a blob, as a client sends it. */
export interface Chunk {
  /** The client's own name for this upload: the same for every piece. */
  readonly upload: string;
  readonly sha256: string;
  /** Bytes of the whole blob. */
  readonly bytes: number;
  /** Where in it the piece begins. */
  readonly at: number;
  readonly part: Buffer;
}

/** How far an upload is: the client goes on from there, whatever it has sent. */
export interface Received {
  readonly received: number;
  /** Whether the blob is kept, durably. */
  readonly done: boolean;
}

/** One blob on its way in. Its pieces are taken one after the other, however they come. */
export class Upload {
  readonly bytes: number;
  readonly #sha256: string;
  readonly #draft: Promise<BlobDraft>;
  #received = 0;
  #turn: Promise<unknown> = Promise.resolve();
  /** When a piece came last; monotonic, ms. */
  touchedAt = performance.now();

  constructor(storage: BlobStorage, { sha256, bytes }: BlobInfo) {
    this.bytes = bytes;
    this.#sha256 = sha256;
    this.#draft = storage.draft(bytes);
    // Whoever takes a piece is told.
    this.#draft.catch(() => {});
  }

  take(chunk: Chunk): Promise<Received> {
    this.touchedAt = performance.now();
    const taken = this.#turn.then(() => this.#append(chunk));
    this.#turn = taken.catch(() => {});
    return taken;
  }

  async discard(): Promise<void> {
    await this.#turn;
    const draft = await this.#draft.catch(() => undefined);
    await draft?.discard();
  }

  async #append({ sha256, bytes, at, part }: Chunk): Promise<Received> {
    const draft = await this.#draft;
    if (sha256 !== this.#sha256 || bytes !== this.bytes)
      throw new FedbusError("PROTOCOL_INVALID", "an upload is of one blob, from first to last");
    if (at === this.#received) {
      await draft.append(part);
      this.#received += part.length;
      if (this.#received === bytes) {
        await draft.finish(sha256);
        return { received: bytes, done: true };
      }
    }
    return { received: this.#received, done: false };
  }
}
