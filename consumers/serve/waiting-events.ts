import { encodeEnvelopes } from "../../bus/block/encode-batch.js";
import { Block, BusEvent } from "../../bus/index.js";
import type { Envelope } from "../../schemas/index.js";
import type { Context } from "../plugin/context.js";
import type { Table } from "../plugin/table.js";

/** An event as it is kept. */
interface Kept {
  readonly offset: number;
  readonly recordedAt: number;
  readonly epoch: number;
  readonly envelope: Envelope;
}

/** Which there are: numbers from `from` to before `to`; and how long they are, together. */
interface Extent {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** Bytes of events that wait, at most. */
const waitingBytesMax = 64 * 1024 * 1024;

const none: Extent = { from: 0, to: 0, bytes: 0 };

/** An event that was kept, as it was when it came. */
class KeptEvent extends BusEvent {
  override readonly offset: number;
  override readonly recordedAt: number;
  override readonly epoch: number;

  constructor({ offset, recordedAt, epoch, envelope }: Kept) {
    super(Block.decode(encodeEnvelopes([JSON.stringify(envelope)])), 0, envelope);
    this.offset = offset;
    this.recordedAt = recordedAt;
    this.epoch = epoch;
  }
}

/**
 * Events that wait for the first model, in the state, in their order. There is a bound, in events and bytes, so that
 * a model which never comes costs only so much.
 */
export class WaitingEvents {
  readonly #eventsMax: number;
  #count = 0;

  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax;
  }

  /** How many wait, as far as is known since one came. */
  get count(): number {
    return this.#count;
  }

  /** Why nothing comes of them, if there are some. */
  noteFor(model: string): string | undefined {
    const events = this.#count === 1 ? "1 event waits" : `${this.#count} events wait`;
    return this.#count === 0
      ? undefined
      : `${events} for a model: none that can be used is promoted as ${model}`;
  }

  /** Keeps the event; false if there is no room. */
  keep(event: BusEvent, context: Context): boolean {
    const { offset, recordedAt, epoch, envelope } = event;
    const { from, to, bytes } = extentIn(context);
    const more = event.bytes.length;
    this.#count = to - from;
    if (to - from >= this.#eventsMax || bytes + more > waitingBytesMax) return false;
    tableIn(context).put(String(to), { offset, recordedAt, epoch, envelope });
    context.state.put("waiting", { from, to: to + 1, bytes: bytes + more });
    this.#count++;
    return true;
  }

  /** All that wait, which wait no more. */
  *takeAll(context: Context): Generator<BusEvent> {
    this.#count = 0;
    const { from, to } = extentIn(context);
    if (from === to) return;
    const table = tableIn(context);
    for (let number = from; number < to; number++) {
      const kept = table.get(String(number));
      table.delete(String(number));
      if (kept !== undefined) yield new KeptEvent(kept);
    }
    context.state.delete("waiting");
  }
}

function extentIn({ state }: Context): Extent {
  return (state.get("waiting") as Extent | undefined) ?? none;
}

function tableIn(context: Context): Table<Kept> {
  return context.table<Kept>("waiting");
}
