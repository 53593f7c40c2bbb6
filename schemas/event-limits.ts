/** What one event may be at most. */
export interface EventLimits {
  /** Bytes of the envelope. Default 256 KiB. */
  readonly eventBytesMax: number;
  /** Nesting of objects and arrays, the envelope itself being 1. Default 32. */
  readonly depthMax: number;
}

export const eventLimits: EventLimits = Object.freeze({
  eventBytesMax: 256 * 1024,
  depthMax: 32,
});
