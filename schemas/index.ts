export { type AsyncApiOptions, asyncApiDocument } from "./asyncapi/document.js";
export { type CloudEvent, fromCloudEvent, type StoredPlace, toCloudEvent } from "./cloud-event.js";
export { compareSchemas } from "./compatibility/compare.js";
export {
  type Compatibility,
  compatibilities,
  type SchemaDifference,
} from "./compatibility/difference.js";
export {
  type Describer,
  type Describers,
  type Description,
  Descriptions,
  describe,
  isDescribers,
} from "./describe.js";
export { type Envelope, EnvelopeWriter, type EnvelopeWriterOptions } from "./envelope.js";
export {
  type ErrorCode,
  type ErrorDetails,
  type ErrorJson,
  errorCodes,
  FedbusError,
  isFedbusError,
} from "./errors.js";
export { EventBuffer } from "./event-buffer.js";
export { type EventLimits, eventLimits } from "./event-limits.js";
export type { UnknownTopics } from "./event-router.js";
export { eventRuns, parseEvents, startOfEvent } from "./event-run.js";
export { readSchemaFolder } from "./folder.js";
export { EventGate, type EventGateOptions, type EventRefusal, type GateResult } from "./gate.js";
export { type InferOptions, SchemaInference } from "./infer/infer-schema.js";
export { type LinearRegExp, linearRegExp } from "./linear-regexp.js";
export { MessageIds, type MessageIdsOptions } from "./message-id.js";
export {
  canonicalPatterns,
  checkPattern,
  compareSpecificity,
  patternLimits,
  patternsIntersect,
  subsumes,
} from "./pattern.js";
export { PatternMap } from "./pattern-map.js";
export { type BusPolicy, decodePolicyEvent, policyDefault, policyTopic } from "./policy-event.js";
export {
  type BoundSchema,
  type SchemaDefinition,
  type SchemaListing,
  SchemaRegistry,
} from "./registry.js";
export { SchemaBindings, type SchemaVersion } from "./schema-bindings.js";
export { type Complete, SchemaCompiler } from "./schema-compiler.js";
export { draftOf, type SchemaDraft } from "./schema-draft.js";
export {
  decodeSchemaEvent,
  definitionOf,
  encodeSchemaEvent,
  schemaTopic,
  sinceOf,
} from "./schema-event.js";
export { SchemaHistory } from "./schema-history.js";
export { type SchemaLimits, schemaLimits } from "./schema-limits.js";
export type { SchemaProblem } from "./schema-problem.js";
export { checkTopic, isReserved, isTopic, reservedPrefix, topicLimits } from "./topic.js";
export { TopicFilter } from "./topic-filter.js";
export { type Convert, loadConverter } from "./typings/converter.js";
export { declarationsOf } from "./typings/declarations.js";
export { checkUpcast, type Upcast, type UpcastStep } from "./upcast/upcast.js";
export {
  type SchemaTarget,
  Upcaster,
  type Upcasters,
  type UpcastFunction,
} from "./upcast/upcaster.js";
export { type VetOptions, vetSchema } from "./vet.js";
