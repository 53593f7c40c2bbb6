import type { BusEvent } from "../../../bus/index.js";
import { FedbusError } from "../../../schemas/index.js";
import {
  isCount,
  isSha256,
  type ModelVersion,
  modelTopicOf,
  modelVersionIn,
  objectIn,
} from "./model-version.js";

/** A model was made the one that answers. */
export interface ModelPromotion {
  readonly sha256: string;
  readonly version?: number;
  /** What answered before, as the event says. */
  readonly previous?: string;
  /** `trained`, `command`, `canary`, `rollback`. */
  readonly reason: string;
  readonly offset: number;
  readonly recordedAt: number;
}

/** A candidate that was not published. */
export interface ModelRejection {
  readonly reason: string;
  readonly message?: string;
  readonly offset: number;
  readonly recordedAt: number;
}

/** Rejections that are kept, the newest. */
const rejectionsMax = 100;

/** Everything that the log tells of the models of one name: take its events in the log's order. */
export class ModelHistory {
  readonly name: string;
  /** In the order in which they came; one that came again stands where it came last. */
  versions: readonly ModelVersion[] = [];
  promotions: readonly ModelPromotion[] = [];
  rejections: readonly ModelRejection[] = [];
  /** Times that a drift was told. */
  drifts = 0;
  /** SHA-256 of what was promoted and not taken back; the last one answers. */
  #stack: readonly string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Takes an event on a topic under `models.NAME`. */
  take(event: BusEvent): void {
    const kind = modelTopicOf(event.topic)?.kind;
    if (kind === "promoted") this.#promoted(event);
    else if (kind === "rejected") this.#rejected(event);
    else if (kind === "drift") this.drifts++;
    else {
      const version = modelVersionIn(event);
      if (version === undefined) return;
      const others = this.versions.filter(({ sha256 }) => sha256 !== version.sha256);
      this.versions = [...others, version];
    }
  }

  /** SHA-256 of the model that answers. */
  get active(): string | undefined {
    return this.#stack.at(-1);
  }

  /** SHA-256 of the one that answered before it, which a rollback goes back to. */
  get previous(): string | undefined {
    return this.#stack.at(-2);
  }

  get newest(): ModelVersion | undefined {
    return this.versions.at(-1);
  }

  /**
   * The version that a reference means: a number, the beginning of a SHA-256 (4 digits at least), or nothing, which
   * is the active one, or the newest if none is. Throws MODEL_UNKNOWN.
   */
  find(reference = ""): ModelVersion {
    const found = this.#found(reference);
    if (found !== undefined) return found;
    const versions = [...new Set(this.versions.map(({ version }) => version))];
    throw new FedbusError("MODEL_UNKNOWN", `${this.name} has no version ${reference}`.trimEnd(), {
      details: { name: this.name, reference, versions: versions.slice(-20) },
    });
  }

  #found(reference: string): ModelVersion | undefined {
    const bySha = (start: string): ModelVersion | undefined => {
      const found = this.versions.filter(({ sha256 }) => sha256.startsWith(start));
      return found.length === 1 ? found[0] : undefined;
    };
    if (reference === "") return bySha(this.active ?? "none") ?? this.newest;
    if (/^\d{1,9}$/.test(reference)) {
      const version = Number(reference);
      // A trainer that was begun anew counts anew: the newest of that number is meant.
      const found = this.versions.findLast((one) => one.version === version);
      if (found !== undefined) return found;
    }
    return /^[0-9a-f]{4,64}$/.test(reference) ? bySha(reference) : undefined;
  }

  #promoted({ msg, offset, recordedAt }: BusEvent): void {
    const { sha256, version, previous, reason } = objectIn(msg);
    if (!isSha256(sha256)) return;
    this.promotions = [
      ...this.promotions,
      {
        ...{ sha256, reason: typeof reason === "string" ? reason : "", offset, recordedAt },
        ...(isCount(version) && { version }),
        ...(isSha256(previous) && { previous }),
      },
    ];
    const isBack = reason === "rollback" && this.#stack.includes(sha256);
    if (isBack) this.#stack = this.#stack.slice(0, this.#stack.lastIndexOf(sha256) + 1);
    else if (sha256 !== this.active) this.#stack = [...this.#stack, sha256];
  }

  #rejected({ msg, offset, recordedAt }: BusEvent): void {
    const { reason, message } = objectIn(msg);
    const rejection = {
      ...{ reason: typeof reason === "string" ? reason : "", offset, recordedAt },
      ...(typeof message === "string" && { message }),
    };
    this.rejections = [...this.rejections, rejection].slice(-rejectionsMax);
  }
}
