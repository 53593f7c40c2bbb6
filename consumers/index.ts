export type { Accumulator } from "./aggregate/accumulators/accumulator.js";
export { count } from "./aggregate/accumulators/count.js";
export { type DistinctOptions, distinct } from "./aggregate/accumulators/distinct.js";
export { first, last } from "./aggregate/accumulators/edges.js";
export { max, min } from "./aggregate/accumulators/extremes.js";
export { type HistogramBin, histogram } from "./aggregate/accumulators/histogram.js";
export { mean } from "./aggregate/accumulators/mean.js";
export { type QuantilesOptions, quantiles } from "./aggregate/accumulators/quantiles.js";
export { sum } from "./aggregate/accumulators/sum.js";
export { type TopKOptions, type TopValue, topK } from "./aggregate/accumulators/top-k.js";
export { stddev, type VarianceOptions, variance } from "./aggregate/accumulators/variance.js";
export { aggregate } from "./aggregate/aggregate.js";
export type { AggregateSpec } from "./aggregate/aggregate-spec.js";
export type { Emission } from "./aggregate/emission.js";
export type { AggregateOutput, OutputOf } from "./aggregate/outlet.js";
export {
  type CountWindow,
  countWindow,
  type HoppingWindow,
  hopping,
  type SessionWindow,
  type SlidingWindow,
  session,
  sliding,
  type TumblingWindow,
  tumbling,
  type Window,
} from "./aggregate/window-kinds.js";
export type { Interval, Timing, WindowResult } from "./aggregate/window-result.js";
export {
  closedLetters,
  type DeadLetter,
  deadLetterAt,
  dropDeadLetter,
  type LetterEnd,
  openDeadLetters,
  retryDeadLetter,
} from "./dead-letters/dead-letters.js";
export { OpenLetters } from "./dead-letters/open-letters.js";
export { enrich } from "./enrich/enrich.js";
export type { EnrichSpec, OnLookupFailure } from "./enrich/enrich-options.js";
export type { Field } from "./field.js";
export { forecast } from "./forecast/forecast.js";
export type { ForecastSpec } from "./forecast/forecast-spec.js";
export { ConsumerHome, type Current } from "./home/home.js";
export type { Registration } from "./home/registration.js";
export { join } from "./join/join.js";
export type { InnerJoinSpec, JoinInterval, JoinSpec, OuterJoinSpec } from "./join/join-options.js";
export { joinTable } from "./join/join-table.js";
export type { JoinKey, JoinSide } from "./join/side.js";
export type { TableJoinSpec } from "./join/table-options.js";
export { RecordedLookups, type RecordedLookupsOptions } from "./lookups/recorded-lookups.js";
export type { ImportDeclaration } from "./models/adapt/import-declaration.js";
export {
  type ImportedModel,
  type ImportOptions,
  importModel,
} from "./models/adapt/import-model.js";
export type {
  Category,
  Encoder,
  Feature,
  FeatureDeclaration,
  FeatureFunction,
  Features,
  TimePart,
} from "./models/features/feature.js";
export type {
  BatchKind,
  LabelledRows,
  LearnerState,
  OnlineKind,
  OnlineLearner,
  Predictor,
  Rows,
  Shape,
  Task,
} from "./models/learners/learner.js";
export type { BaselineRule } from "./models/metrics/baseline.js";
export type { CalibrationBin, Metrics } from "./models/metrics/metrics.js";
export {
  ModelHistory,
  type ModelPromotion,
  type ModelRejection,
} from "./models/registry/model-history.js";
export {
  type ModelVersion,
  modelTopic,
  modelVersionIn,
  objectIn,
} from "./models/registry/model-version.js";
export { checkModelName, findModel, readModel, readModels } from "./models/registry/models.js";
export { promoteModel, rollbackModel } from "./models/registry/promotions.js";
export type { CommonOptions } from "./plugin/common-options.js";
export { type ConfigProblem, completeConfig } from "./plugin/config.js";
export { type ConfigOption, configOptions } from "./plugin/config-schema.js";
export type {
  Consumer,
  Handlers,
  OnFailure,
  Setup,
  WatermarkOptions,
} from "./plugin/consumer.js";
export type { Context, EmitOptions } from "./plugin/context.js";
export { type ConsumerSpec, consumer, isConsumer } from "./plugin/define.js";
export { type LoadedPlugin, type LoadOptions, loadPlugin } from "./plugin/loader.js";
export type {
  LookupOptions,
  LookupPlan,
  LookupSpec,
  LookupSpecs,
} from "./plugin/lookup.js";
export {
  type Answer,
  type Asking,
  lookupTopic,
  type RecordedAnswer,
  type RecordedAnswers,
} from "./plugin/recorded-answers.js";
export type { RangeOptions, Table } from "./plugin/table.js";
export type { Timer, TimerClock, Timers } from "./plugin/timers.js";
export { type RecommendAsk, type RecommendSpec, recommend } from "./recommend/recommend.js";
export type { AbsentSpec } from "./rules/absent.js";
export type { Alert, Clear, ClearReason } from "./rules/alert.js";
export type { RuleSpec } from "./rules/base-rule.js";
export type { Condition } from "./rules/condition.js";
export type { CountWithinSpec } from "./rules/count-within.js";
export type { HeldForSpec } from "./rules/held-for.js";
export { rule, rules } from "./rules/rules.js";
export type { Rule, RulesSpec } from "./rules/rules-options.js";
export { boundedFeed, type Feed, liveFeed } from "./runner/feed.js";
export { type RunnerLimits, runnerLimits } from "./runner/limits.js";
export { outboxBatches } from "./runner/outbox.js";
export { OutputIds } from "./runner/output-id.js";
export { type RunConsumerOptions, runConsumer } from "./runner/run-consumer.js";
export { Runner, type RunnerOptions } from "./runner/runner.js";
export type { Partition, Step } from "./runner/runner-parts.js";
export type { Metric } from "./serve/losses.js";
export type { Prediction, Unscored, UnscoredReason } from "./serve/prediction.js";
export { isServing, type ServeConsumer, serve } from "./serve/serve.js";
export type {
  CanaryOptions,
  Judgement,
  Missing,
  OutcomeOptions,
  ServeSpec,
} from "./serve/serve-options.js";
export type { Delivery, Destination, Surroundings } from "./sinks/destination.js";
export { file } from "./sinks/file/file.js";
export { fileConfig } from "./sinks/file/file-config.js";
export type { FileOptions } from "./sinks/file/file-options.js";
export type { HttpSurroundings } from "./sinks/http/http-options.js";
export { influx } from "./sinks/influx/influx.js";
export { influxConfig } from "./sinks/influx/influx-config.js";
export type { FieldSource, InfluxOptions } from "./sinks/influx/influx-options.js";
export { postgres } from "./sinks/postgres/postgres.js";
export { postgresConfig } from "./sinks/postgres/postgres-config.js";
export type {
  ColumnSource,
  PostgresConnection,
  PostgresOptions,
} from "./sinks/postgres/postgres-options.js";
export { type SinkSpec, sink, sinkDefaults } from "./sinks/sink.js";
export type { SinkLimits } from "./sinks/sink-handlers.js";
export { webhook } from "./sinks/webhook/webhook.js";
export { webhookConfig } from "./sinks/webhook/webhook-config.js";
export type { WebhookOptions } from "./sinks/webhook/webhook-options.js";
export { entriesOf, hashState, type StateHash, type StoredEntry } from "./store/inspect.js";
export { StateStore, type StateStoreOptions } from "./store/state-store.js";
export { borrowOwnership } from "./supervisor/borrow.js";
export { type ConsumerControl, controlOf } from "./supervisor/consumer-control.js";
export { openControl } from "./supervisor/control.js";
export { type DescribeSurroundings, describe } from "./supervisor/describe.js";
export { consumersIn, existingHome, homeOf, type NamedHome } from "./supervisor/folder.js";
export { type SupervisorLimits, supervisorLimits } from "./supervisor/limits.js";
export type { DescribeRequest, Description, TableQuery } from "./supervisor/messages.js";
export type { SupervisorOptions } from "./supervisor/options.js";
export { type Ownership, takeOwnership } from "./supervisor/ownership.js";
export { parallelismMax } from "./supervisor/preparation.js";
export { queryEntriesMax, type TableEntry } from "./supervisor/query-table.js";
export { type ConsumerState, type ConsumerStatus, statusOf } from "./supervisor/status.js";
export { Supervisor } from "./supervisor/supervisor.js";
export type { TrainedModel } from "./train/lineage.js";
export type { RejectedModel } from "./train/publisher.js";
export type { ModelSettings } from "./train/settings.js";
export { isTraining, type TrainConsumer, train } from "./train/train.js";
export type {
  Downsample,
  DriftOptions,
  EarlyStopping,
  Every,
  LabelJoin,
  MetricsOptions,
  ModelKind,
  TrainingWindow,
  TrainSpec,
} from "./train/train-spec.js";
export { type CountedOptions, counted } from "./transform/cleaning/counted.js";
export {
  type DeduplicateOptions,
  deduplicate,
} from "./transform/cleaning/deduplicate.js";
export {
  type Filling,
  type FillMissingOptions,
  fillMissing,
} from "./transform/cleaning/fill-missing.js";
export type { ItemKey } from "./transform/cleaning/keyed-step.js";
export { minMax, type NormaliseOptions, zScore } from "./transform/cleaning/normalise.js";
export { type CoerceUnitOptions, coerceUnit } from "./transform/cleaning/units.js";
export type { Item, Output, Step as PipeStep, StepFunction } from "./transform/item.js";
export { pipe } from "./transform/pipe.js";
export { enrichWith, filter, map, rename, split, to } from "./transform/steps.js";
export { type Outputs, type TransformSpec, transform } from "./transform/transform.js";
