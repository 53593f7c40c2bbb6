import { summarize } from "./statistics.js";

/** Collects what an event costs each process, round by round. */
export class CpuTable {
  readonly #rows = new Map<string, number[]>();

  add(name: string, cpuUs: Readonly<Record<string, number>>): void {
    for (const [part, us] of Object.entries(cpuUs)) {
      const row = this.#rows.get(`${name} ${part}`) ?? [];
      row.push(us);
      this.#rows.set(`${name} ${part}`, row);
    }
  }

  /** Medians, as `fedbus hub 2.10, ...`. */
  toString(): string {
    return [...this.#rows]
      .map(([name, values]) => `${name} ${summarize(values).median.toFixed(2)}`)
      .join(", ");
  }
}
