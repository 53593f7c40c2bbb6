/** What is being handled: decides which part of the tables is seen, and what time it is. */
export interface Scope {
  /** Key group of the event or timer. */
  readonly group: number;
  /** The log's time, ms since 1970. */
  now(): number;
}
