import type { Envelope } from "../../schemas/index.js";
import { groupByCause, joinByCause } from "../outputs/cause-groups.js";
import { effectiveOutputs } from "../outputs/effective.js";
import type { LoggedOutput } from "../outputs/logged-outputs.js";
import { type Output, promotedTopic } from "../outputs/output.js";
import { pairsOf } from "../whatif/pair.js";
import { Tally } from "../whatif/tally.js";
import { type Corrector, corrected, correctionId, retraction } from "./correction.js";

/** Which outputs a promotion publishes. */
export type PromotedOutputs = "differences" | "all" | "none";

export interface PublicationOptions {
  readonly by: Corrector;
  /** Everything that the consumer has published, by cause. */
  readonly olds: () => AsyncIterable<LoggedOutput>;
  /** What the replay made of the same. */
  readonly news: () => AsyncIterable<Output>;
  readonly outputs: PromotedOutputs;
  /** Causes from here on. */
  readonly from: number;
  /** Where the replay has come to: the next offset, the log's time (ms), and the last cause. */
  readonly place: { readonly next: number; readonly time: number; readonly cause: number };
}

/** What a promotion publishes. */
export class Publication {
  readonly #options: PublicationOptions;
  readonly #tally = new Tally(0, []);

  constructor(options: PublicationOptions) {
    this.#options = options;
  }

  /** How the outputs compare, once `envelopes` has come to its end. */
  get totals() {
    return this.#tally.result.totals;
  }

  /** In order of their causes, and at the end the event that tells of the promotion. */
  async *envelopes(): AsyncGenerator<Envelope> {
    const { olds, news, from } = this.#options;
    const groups = joinByCause(groupByCause(olds()), groupByCause(news()));
    for await (const group of groups) {
      const left = effectiveOutputs(group.olds).filter(({ cause }) => cause.offset >= from);
      yield* this.#ofCause(left, group.news, group.olds.length === 0);
    }
    yield this.#promoted();
  }

  /** With `isNew`, nothing was ever published of that cause: the outputs are as if they ran live. */
  *#ofCause(
    olds: readonly LoggedOutput[],
    news: readonly Output[],
    isNew: boolean,
  ): Generator<Envelope> {
    const { by, outputs } = this.#options;
    for (const pair of pairsOf(olds, news)) {
      const kind = this.#tally.count(pair);
      if (outputs === "none" || (outputs === "differences" && kind === "same")) continue;
      if (kind === "dropped") yield retraction(by, pair.old!);
      else yield isNew ? pair.fresh!.envelope : corrected(by, pair.fresh!, pair.old);
    }
  }

  #promoted(): Envelope {
    const { by, from, outputs, place } = this.#options;
    const { consumer, version, generation } = by;
    const topic = promotedTopic(consumer);
    return {
      topic,
      msg_id: correctionId(by, { msg_id: idAt(place.time) }),
      timestamp: place.time / 1000,
      i: 1,
      headers: { cause: { consumer, version, offset: place.cause } },
      msg: { consumer, version, generation, from, to: place.next, outputs, ...this.totals },
    };
  }
}

/** The beginning of an id that was made at `time`. */
function idAt(time: number): string {
  const hex = Math.max(0, time).toString(16).padStart(12, "0");
  return `${new Date(time).getUTCFullYear()}-${hex.slice(0, 8)}-${hex.slice(8, 12)}-promoted`;
}
