/** Limits of the wire. docs/wire.md lists them for other implementations. */

/** Version of the protocol. */
export const protocolVersion = 1;
/** One frame, bytes. */
export const blockBytesMax = 8 * 1024 * 1024;
/** A batch as a publisher sends it, bytes. */
export const batchBytesMax = 2 * 1024 * 1024;
/** Events of such a batch. */
export const batchEventsMax = 10_000;
/** A request's control frame, bytes. */
export const controlBytesMax = 512 * 1024;
/** An answer's control frame, bytes. */
export const answerBytesMax = 7 * 1024 * 1024;
/** Frames of one message, control frame included. */
export const framesMax = 64;
/** Requests of one client that the hub works on, publishes aside: past it, HUB_BUSY. */
export const clientRequestsMax = 8;
/** A page of history, bytes of blocks; or of a list, bytes of JSON. */
export const pageBytesMax = 1024 * 1024;
/** A piece of a blob, bytes. */
export const blobChunkBytesMax = 1024 * 1024;
/**
 * Answers waiting for one client in the hub: a publisher's window of 32 and its other requests. One
 * that does not read costs the hub so many pages at most, each with one block more.
 */
export const answerQueueMax = 48;
/** Requests waiting for the hub to read them, by client. */
export const requestQueueMax = 32;
/** A request's frame, bytes: past it the client is disconnected. Leaves room to answer why not. */
export const requestBytesMax = batchBytesMax + controlBytesMax;
/** What a subscriber sends, bytes: a key. Past it, it is disconnected. */
export const subscriptionBytesMax = 32 * 1024;
/** Broadcast frames waiting for one subscriber. */
export const frameQueueMax = 32;
/** Broadcast frames are filled up to this, bytes of blocks. */
export const frameBytesMax = 256 * 1024;
/** The head beacon's period. */
export const beaconMs = 1000;
/** A peer must finish its greeting within this. */
export const handshakeMs = 2000;
/** Interval of heartbeats; a peer silent for three of them is dropped. */
export const heartbeatMs = 1000;
