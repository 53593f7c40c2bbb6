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
import { isInTime } from "./promotion-in-time.js";

/** A model was made the one that answers. */
export interface ModelPromotion {
  readonly sha256: string;
  readonly version?: number;
  /** What answered before, by the log's order. */
  readonly previous?: string;
  /** `trained`, `command`, `canary`, `rollback`. */
  readonly reason: string;
  /** It changed nothing: what it was decided about answered no longer. */
  readonly isVoid?: true;
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
  /** Times that a drift was told. */
  drifts = 0;
  readonly #versions = new Map<string, ModelVersion>();
  readonly #promotions: ModelPromotion[] = [];
  readonly #rejections: ModelRejection[] = [];
  /** SHA-256 of what was promoted and not taken back; the last one answers. */
  readonly #stack: string[] = [];

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
      this.#versions.delete(version.sha256);
      this.#versions.set(version.sha256, version);
    }
  }

  /** In the order in which they came; one that came again stands where it came last. */
  get versions(): readonly ModelVersion[] {
    return [...this.#versions.values()];
  }

  get promotions(): readonly ModelPromotion[] {
    return this.#promotions;
  }

  /** The newest ones. */
  get rejections(): readonly ModelRejection[] {
    return this.#rejections;
  }

  /** Whether a consumer trains models of this name, and counts them. */
  get isTrained(): boolean {
    const isTold = this.#rejections.length > 0 || this.drifts > 0;
    return isTold || this.versions.some(({ origin }) => origin === "trained");
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
   * is the active one, or the newest if none is. Throws MODEL_UNKNOWN, also for a number that two models have.
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
      const found = this.#numbered(version);
      if (found !== undefined) return found;
    }
    return /^[0-9a-f]{4,64}$/.test(reference) ? bySha(reference) : undefined;
  }

  /** A trainer that was begun anew counts anew: the newest of that number is meant. */
  #numbered(version: number): ModelVersion | undefined {
    const found = this.versions.filter((one) => one.version === version);
    const origins = new Set(found.map(({ origin }) => origin));
    if (origins.size < 2) return found.at(-1);
    const { name } = this;
    const remedy = `name it by its SHA-256: ${found.map(({ sha256 }) => `${name}@${sha256.slice(0, 12)}`).join(" or ")}`;
    throw new FedbusError(
      "MODEL_UNKNOWN",
      `${name}@${version} is a model that was imported, and one that was trained`,
      { details: { name, version, remedy } },
    );
  }

  #promoted(event: BusEvent): void {
    const { msg, offset, recordedAt } = event;
    const { sha256, version, reason } = objectIn(msg);
    if (!isSha256(sha256)) return;
    const { active } = this;
    const isVoid = !isInTime(event, active);
    this.#promotions.push({
      ...{ sha256, reason: typeof reason === "string" ? reason : "", offset, recordedAt },
      ...(isCount(version) && { version }),
      ...(active !== undefined && { previous: active }),
      ...(isVoid && { isVoid }),
    });
    if (isVoid || sha256 === active) return;
    const before = reason === "rollback" ? this.#stack.lastIndexOf(sha256) : -1;
    if (before < 0) this.#stack.push(sha256);
    else this.#stack.length = before + 1;
  }

  #rejected({ msg, offset, recordedAt }: BusEvent): void {
    const { reason, message } = objectIn(msg);
    this.#rejections.push({
      ...{ reason: typeof reason === "string" ? reason : "", offset, recordedAt },
      ...(typeof message === "string" && { message }),
    });
    if (this.#rejections.length > rejectionsMax) this.#rejections.shift();
  }
}
