/** Limits of the sockets for fedmsg programs. docs/fedmsg.md lists them. */

/** A frame from a fedmsg program, bytes: past it, its connection is closed. */
export const inboundBytesMax = 1024 * 1024;
/** Messages of one sender that wait to be read, and of one subscriber that wait to be sent: libzmq's own. */
export const peerMessagesMax = 1_000;
/** Events on their way into the log, bytes: past it, nothing is read. */
export const pendingBytesMax = 8 * 1024 * 1024;
/** Ids that duplicates are recognised by: the last so many. */
export const rememberedIdsMax = 100_000;
/** Of the log's end, what is looked through for ids at the start, bytes. */
export const primingBytesMax = 8 * 1024 * 1024;
/** A replay query, bytes. */
export const queryBytesMax = 256 * 1024;
/** Events of one answer to a replay query, and their bytes. */
export const answerEventsMax = 10_000;
export const answerBytesMax = 32 * 1024 * 1024;
/** Of the log, what one replay query looks through for ids, newest first, bytes. */
export const searchBytesMax = 512 * 1024 * 1024;
/** How long before its recording an event may have been sent, ms: what a replay query by time allows for. */
export const delayMsMax = 10 * 60_000;
