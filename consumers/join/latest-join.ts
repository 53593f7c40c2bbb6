import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Table } from "../plugin/table.js";
import { emitOutputs } from "./output.js";
import { keptOf } from "./side.js";
import type { TablePlan } from "./table-options.js";

/** Joins each event of the stream with the row of its key that came last. */
export class LatestJoin implements Handlers {
  readonly #plan: TablePlan;
  #rows: Table | undefined;

  constructor(plan: TablePlan) {
    this.#plan = plan;
  }

  handle(event: BusEvent, context: Context): void {
    const { sides, stream, table, type, output, put, config } = this.#plan;
    const key = sides.keyOf(event, config);
    this.#rows ??= context.table("rows");
    if (sides.onRight && key !== undefined) {
      const value = keptOf(table, event, config);
      if (value === undefined || value === null) this.#rows.delete(key);
      else this.#rows.put(key, value, put);
    }
    if (!sides.onLeft) return;
    const row = key === undefined ? undefined : this.#rows.get(key);
    if (row !== undefined || type === "left")
      emitOutputs(context, output(keptOf(stream, event, config), row, key), key);
  }
}
