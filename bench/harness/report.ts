import { availableParallelism } from "node:os";
import { type BenchOptions, isInMemory } from "./options.js";
import { type Summary, summarize } from "./statistics.js";

/** A bound that the issue sets. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

interface Target {
  readonly what: string;
  readonly value: number;
  readonly bound: Bound;
  readonly met: boolean;
}

/** Prints as it goes, or everything at the end as one line of JSON. */
export class Report {
  readonly #title: string;
  readonly #json: boolean;
  readonly #quick: boolean;
  readonly #series: Record<string, Summary & { unit: string; rounds: readonly number[] }> = {};
  readonly #ratios: Record<string, Summary> = {};
  readonly #targets: Target[] = [];
  readonly #notes: string[] = [];

  constructor(title: string, options: BenchOptions) {
    this.#title = title;
    this.#json = options.json;
    this.#quick = options.quick;
    this.#print(`${title} (${availableParallelism()} cores, Node ${process.version})`);
    if (isInMemory(options.dir))
      this.note(`${options.dir} is in memory: an fsync there costs nothing. Give --dir on a disk.`);
  }

  note(text: string): void {
    this.#notes.push(text);
    this.#print(`  note: ${text}`);
  }

  series(name: string, unit: string, values: readonly number[]): Summary {
    const summary = summarize(values);
    this.#series[name] = { ...summary, unit, rounds: values };
    this.#print(`  ${name.padEnd(34)} ${spread(summary)} ${unit}, ${values.length} rounds`);
    return summary;
  }

  ratio(name: string, summary: Summary): void {
    this.#ratios[name] = summary;
    this.#print(`  ratio ${name.padEnd(28)} ${spread(summary)}`);
  }

  target(what: string, value: number, bound: Bound): void {
    const met = "atLeast" in bound ? value >= bound.atLeast : value <= bound.atMost;
    this.#targets.push({ what, value, bound, met });
    const wanted = "atLeast" in bound ? `>= ${shown(bound.atLeast)}` : `<= ${shown(bound.atMost)}`;
    this.#print(`  target ${what} ${wanted}: ${met ? "met" : "missed"} (${shown(value)})`);
  }

  finish(): void {
    if (!this.#json) return;
    const result = {
      bench: this.#title,
      quick: this.#quick,
      node: process.version,
      cores: availableParallelism(),
      series: this.#series,
      ratios: this.#ratios,
      targets: this.#targets,
      notes: this.#notes,
    };
    console.log(JSON.stringify(result));
  }

  #print(line: string): void {
    if (!this.#json) console.log(line);
  }
}

function spread({ median, min, max }: Summary): string {
  return `${shown(median).padStart(9)} (${shown(min)} – ${shown(max)})`;
}

function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
