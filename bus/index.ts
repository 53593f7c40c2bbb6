export {
  type ArchiveCheckOptions,
  type ArchiveReport,
  checkArchive,
} from "./archive/check-archive.js";
export type { ArchiveReason } from "./archive/refusal-reasons.js";
export {
  type BlobInfo,
  type BlobSource,
  type BlobStore,
  type Blobs,
  blobBytesMax,
} from "./blobs/blob-store.js";
export { FolderBlobs } from "./blobs/folder-blobs.js";
export { LayeredBlobs } from "./blobs/layered-blobs.js";
export { MemoryBlobs } from "./blobs/memory-blobs.js";
export { Block } from "./block/block.js";
export type { BlockDraft } from "./block/draft.js";
export { encodeBatch } from "./block/encode-batch.js";
export type { ProducerRun, RefusedEvent } from "./block/producer-run.js";
export type { Published } from "./block/published.js";
export { Broker, type BrokerOptions } from "./broker/broker.js";
export type {
  Bus,
  BusStats,
  EventBatch,
  EventSink,
  NumberedBatch,
  Outgoing,
  Publisher,
  PublisherOptions,
  PublishOptions,
  PublishOutcome,
  QueryOptions,
  SinkOptions,
  StartAt,
  SubscribeOptions,
  Subscription,
} from "./bus.js";
export { type ConnectOptions, connect } from "./client/connect.js";
export { BusEvent, eventRunsOf, eventsOf } from "./event.js";
export { FedmsgFace } from "./fedmsg/fedmsg-face.js";
export { type FedmsgAddresses, FedmsgSockets, fedmsgDefaults } from "./fedmsg/fedmsg-sockets.js";
export { Hub, type HubOptions } from "./hub/hub.js";
export { type HubFile, readHubFile } from "./hub/hub-file.js";
export { type HubAddresses, HubSockets } from "./hub/hub-sockets.js";
export { Backoff } from "./kernel/backoff.js";
export type { Clock } from "./kernel/clock.js";
export { type Logger, silentLogger } from "./kernel/logger.js";
export type { BatchAnswer, EventLog, LogStats, ProducerState } from "./log/event-log.js";
export type {
  EventSource,
  FollowedPage,
  FollowOptions,
  Page,
  ReadOptions,
  SourceInfo,
  TopicInfo,
} from "./log/event-source.js";
export { type CopyOptions, type CopyResult, copyLog } from "./log/level/copy-log.js";
export { LevelLog } from "./log/level/level-log.js";
export type { LevelLogOptions } from "./log/level/level-options.js";
export {
  type RepairOptions,
  type RepairProgress,
  type RepairReport,
  repairLog,
  repairStages,
} from "./log/level/repair-log.js";
export { MemoryLog, type MemoryLogOptions } from "./log/memory-log.js";
export type { RetentionRule, TrimOptions, TrimProgress, TrimResult } from "./log/retention.js";
export type { TopicLoss, TrimPlan } from "./log/trim-plan.js";
export { type DamagedRange, type VerifyOptions, type VerifyReport, verify } from "./log/verify.js";
export { type OpenBusOptions, openBus } from "./open-bus.js";
export { KeyFiles, type KeyInfo } from "./signing/key-files.js";
export { fingerprint, NativeSigner } from "./signing/native-signature.js";
export type { EnvelopeSigner, Signer } from "./signing/signature.js";
export { Trust, type TrustOptions } from "./signing/trust.js";
export { readTrust } from "./signing/trust-file.js";
export { X509Signer } from "./signing/x509-signature.js";
export {
  type Cursor,
  type Database,
  type DatabaseOptions,
  isDiskFull,
  isLocked,
  type KeyRange,
  type Operation,
  openDatabase,
  type ScanOptions,
} from "./storage/database.js";
export { writeDurably } from "./storage/durable-file.js";
export type { BodyOf } from "./typed-topics.js";
export type { UpcastOptions } from "./upcast/upcast-reader.js";
export { defaultUrl } from "./wire/address.js";
export { batchBytesMax, batchEventsMax } from "./wire/limits.js";
