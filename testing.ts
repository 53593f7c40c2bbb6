export { eventLogSuite } from "./bus/testing/event-log-suite.js";
