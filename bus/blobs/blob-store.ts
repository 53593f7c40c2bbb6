/** One blob, bytes, at most. */
export const blobBytesMax = 256 * 1024 * 1024;

export interface BlobInfo {
  /** SHA-256 of the bytes, 64 lower-case hexadecimal digits: the blob's name. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Bytes by their SHA-256: what is too large for an event, such as a model. An event that names a blob
 * is published after the blob was put, so whoever reads the event finds it.
 */
export interface BlobSource {
  /**
   * The blob, checked against its name. Rejects with BLOB_NOT_FOUND, also for what is no SHA-256, and with
   * BLOB_CORRUPT.
   */
  get(sha256: string): Promise<Buffer>;
  /** Whether there is such a blob; whether it is whole, only `get` says. */
  has(sha256: string): Promise<boolean>;
  /** All there are, sorted by name. */
  list(): Promise<readonly BlobInfo[]>;
}

/** Where blobs are kept as well. Any number of calls may run at once. */
export interface BlobStore extends BlobSource {
  /**
   * Keeps the bytes, and resolves with their SHA-256 once they are on disk (in a log in memory: in memory, where
   * the oldest go when it is full). What is there already stays; what is there and damaged is replaced.
   * Rejects with BLOB_TOO_LARGE, LOG_DISK_LOW or LOG_WRITE_FAILED, and then nothing was kept.
   */
  put(bytes: Uint8Array): Promise<string>;
}

/** What a consumer may do with blobs. */
export type Blobs = Pick<BlobStore, "put" | "get" | "has">;

/** A piece of a blob, unchecked: only the whole of it can be. */
export interface BlobPart {
  /** Bytes of the whole blob. */
  readonly bytes: number;
  readonly part: Buffer;
}

/** A blob that comes in pieces. Calls one after the other; ends with `finish` or `discard`. */
export interface BlobDraft {
  append(chunk: Uint8Array): Promise<void>;
  /** Keeps it, durably. Rejects with BLOB_CORRUPT if what came has another SHA-256. */
  finish(sha256: string): Promise<void>;
  /** Leaves nothing of it. Idempotent. */
  discard(): Promise<void>;
}

/** The blobs of a log: also in pieces, for who serves them to others. */
export interface BlobStorage extends BlobStore {
  /** Up to `bytesMax` bytes from `from` on. Rejects with BLOB_NOT_FOUND. */
  part(sha256: string, from: number, bytesMax: number): Promise<BlobPart>;
  /** Whether there is such a blob and its bytes are what its name says. */
  isWhole(sha256: string): Promise<boolean>;
  /** Begins a blob of so many bytes. Rejects with BLOB_TOO_LARGE and LOG_DISK_LOW. */
  draft(bytes: number): Promise<BlobDraft>;
}
