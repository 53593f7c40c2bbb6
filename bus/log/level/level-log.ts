import { FedbusError } from "../../../schemas/errors.js";
import { TopicFilter } from "../../../schemas/topic-filter.js";
import type { FolderBlobs } from "../../blobs/folder-blobs.js";
import type { Block } from "../../block/block.js";
import type { BlockDraft } from "../../block/draft.js";
import { isClosed } from "../../storage/database.js";
import type { EventLog, LogStats, ProducerState } from "../event-log.js";
import type {
  FollowedPage,
  FollowOptions,
  Page,
  ReadOptions,
  SourceInfo,
  TopicInfo,
} from "../event-source.js";
import { follow } from "../follow.js";
import type { TrimOptions, TrimResult } from "../retention.js";
import type { TrimPlan } from "../trim-plan.js";
import { Committer } from "./committer.js";
import { isIndexDamage } from "./index-values.js";
import { type LevelLogOptions, levelLogOptions } from "./level-options.js";
import { LogCore } from "./log-core.js";
import type { LogIndex } from "./log-index.js";
import { LogReader } from "./log-reader.js";
import { logStats } from "./log-stats.js";
import { openLog } from "./open-log.js";
import type { Storage } from "./storage.js";
import { Trimmer } from "./trimmer.js";

export type { LevelLogOptions } from "./level-options.js";

/**
 * The durable log: blocks in a LevelDB directory, acknowledged after fsync.
 *
 * The directory has one owner at a time. After a failed write the log opens its databases anew
 * before it takes anything more: appends reject with LOG_WRITE_FAILED meanwhile, reads wait.
 */
export class LevelLog implements EventLog {
  readonly dir: string;
  readonly blobs: FolderBlobs;
  readonly #core: LogCore;
  readonly #committer: Committer;
  readonly #reader: LogReader;
  readonly #trimmer: Trimmer;
  #closing: Promise<void> | undefined;

  private constructor(dir: string, core: LogCore, blobs: FolderBlobs) {
    this.dir = dir;
    this.blobs = blobs;
    this.#core = core;
    this.#committer = new Committer(core);
    this.#reader = new LogReader(
      core,
      (use) => this.#withIndex(use),
      (error) => void this.#committer.reopen(error),
    );
    this.#trimmer = new Trimmer(core, this.#committer);
  }

  /**
   * Opens the log in `dir`, or makes one there. Rejects with LOG_NOT_FOUND, LOG_IN_USE (`details.pid`
   * names the owner where it is known), LOG_FORMAT_NEWER, LOG_DISK_LOW, OPTIONS_INVALID, or
   * LOG_CORRUPT: then nothing was changed, and `details` name what is lost where that is known.
   */
  static async open(dir: string, options: LevelLogOptions = {}): Promise<LevelLog> {
    const checked = levelLogOptions(options);
    const opened = await openLog(dir, checked);
    const log = new LevelLog(dir, new LogCore(opened, checked), opened.blobs);
    log.#trimmer.resume();
    opened.disk.ensureBallast();
    return log;
  }

  get logId(): string {
    return this.#core.opened.file.state.logId;
  }

  get epoch(): number {
    return this.#core.epoch;
  }

  get first(): number {
    return this.#core.first;
  }

  get head(): number {
    return this.#core.head;
  }

  async info(): Promise<SourceInfo> {
    const { logId, epoch, first, head } = this;
    const time = this.time();
    const { base, lost: ranges } = this.#core.opened.file.state;
    const hash = this.#core.hash.toString("hex");
    const known = first === 0 || /[^0]/.test(base.hash);
    const lost = ranges.map(({ from, to }) => ({ from, to }));
    return {
      logId,
      epoch,
      first,
      head,
      hash,
      ...(time !== undefined && { time }),
      ...(known && { base: base.hash }),
      ...(lost.length > 0 && { lost }),
    };
  }

  append(drafts: readonly BlockDraft[]): Promise<readonly Block[]> {
    return this.#committer.append(drafts);
  }

  time(): number | undefined {
    return this.#core.time();
  }

  read(options: ReadOptions): Promise<Page> {
    return this.#reader.read(options);
  }

  follow(options: FollowOptions): AsyncIterable<FollowedPage> {
    const core = this.#core;
    return follow(
      {
        get head() {
          return core.head;
        },
        watch: core.watch,
        horizons: core.horizons,
        time: () => core.time(),
        read: (wanted) => this.#reader.read(wanted),
      },
      options,
    );
  }

  offsetAtTime(time: number): Promise<number> {
    return this.#withIndex((index) => index.atTime(time, this.head));
  }

  topics(patterns?: readonly string[]): Promise<readonly TopicInfo[]> {
    const filter = TopicFilter.of(patterns);
    return this.#withIndex(async (index) => index.topics.list(filter));
  }

  producer(id: string): Promise<ProducerState | undefined> {
    return this.#withIndex((index) => index.producer(id));
  }

  openProducer(id: string): Promise<ProducerState> {
    return this.#withIndex(async (index) => {
      try {
        return await index.openProducer(id, this.epoch);
      } catch (cause) {
        if (isClosed(cause) || isIndexDamage(cause)) throw cause;
        void this.#committer.reopen(cause);
        throw new FedbusError("LOG_WRITE_FAILED", "the producer's epoch was not stored", { cause });
      }
    });
  }

  trim(options: TrimOptions): Promise<TrimResult> {
    return this.#trimmer.trim(options);
  }

  planTrim(options: TrimOptions): Promise<TrimPlan> {
    return this.#trimmer.plan(options);
  }

  stats(): Promise<LogStats> {
    return this.#withIndex((index) => logStats(this.dir, this.#core, index));
  }

  /** Ends followers and readers with CLOSED, waits for the append and trim in flight. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs `use` on an index that has everything acknowledged, and is made anew if it is damaged. */
  async #withIndex<Result>(use: (index: LogIndex) => Promise<Result>): Promise<Result> {
    const settled = async ({ index }: Storage): Promise<Result> => {
      await index.settled();
      return use(index);
    };
    try {
      return await this.#core.withStorage(settled);
    } catch (error) {
      if (!isIndexDamage(error)) throw error;
      await this.#committer.reopen(error);
      return this.#core.withStorage(settled);
    }
  }

  async #close(): Promise<void> {
    const { watch, opened } = this.#core;
    const trimming = this.#trimmer.close();
    await this.#committer.close();
    watch.close();
    this.#core.scans.clear();
    await trimming;
    await this.blobs.close();
    const ends = await Promise.allSettled([this.#core.storage.close(), opened.disk.settled()]);
    opened.witness.close();
    ends.push(...(await Promise.allSettled([opened.file.release()])));
    const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "closing the log failed");
  }
}
