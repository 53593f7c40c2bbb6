import type { Bus, BusEvent, QueryOptions } from "../bus/index.js";
import { isFedbusError } from "../schemas/errors.js";
import type { Context } from "./context.js";
import { type ExitCode, exit } from "./exit.js";

interface Hole {
  readonly from: number;
  readonly to: number;
}

/** Ranges that a command could not read, each told on standard error and left out. */
export class Damage {
  readonly #context: Context;
  #count = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** What a command ends with that did all else that it should. */
  get exitCode(): ExitCode {
    return this.#count === 0 ? exit.ok : exit.problems;
  }

  /** Stored events, as `bus.query` gives them, but over what is damaged or lost. */
  async *query(bus: Bus, options: QueryOptions): AsyncGenerator<BusEvent> {
    let range = options;
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    while (left > 0)
      try {
        const limit = Number.isFinite(left) ? { limit: left } : {};
        for await (const event of bus.query({ ...range, ...limit })) {
          left--;
          yield event;
        }
        return;
      } catch (error) {
        const { from, to } = await this.skip(error);
        range = options.order === "desc" ? { ...range, to: from } : { ...range, from: to };
      }
  }

  /** Tells of the range that the error is about, for going on behind it; throws any other error. */
  async skip(error: unknown): Promise<Hole> {
    const hole = holeIn(error);
    if (hole === undefined) throw error;
    this.#count++;
    const { json, err } = this.#context;
    const { from, to } = hole;
    if (json) await err.json({ warning: { code: "LOG_CORRUPT", details: { from, to } } });
    else await err.line(`Offsets ${from} up to ${to} are damaged or lost, and were left out.`);
    return hole;
  }
}

function holeIn(error: unknown): Hole | undefined {
  if (!isFedbusError(error, "LOG_CORRUPT")) return undefined;
  const { from, to } = error.details;
  const isRange = typeof from === "number" && typeof to === "number" && from < to;
  return isRange ? { from, to } : undefined;
}
