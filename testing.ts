export { eventLogSuite } from "./bus/testing/event-log-suite.js";
export {
  type FeedOptions,
  Harness,
  type HarnessOptions,
  harness,
  type Output,
} from "./consumers/testing/harness.js";
