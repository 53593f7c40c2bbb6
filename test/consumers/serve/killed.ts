import type { Bus } from "../../../bus/index.js";
import { SeededRandom } from "../../../consumers/runner/random.js";
import type { ServeSpec } from "../../../consumers/serve/serve-options.js";
import { below } from "../../bus/seed.js";
import { linearFile, put } from "./models.js";

/** Changes its model often, and decides a lot itself, so that a process is killed in the middle of it. */
export const killed: ServeSpec = {
  ...{ name: "scores", topics: ["in"], model: "demo", output: "scored", id: "msg.id" },
  outcomes: { topics: ["label"], id: "msg.id", label: "msg.was", withinMs: 1e12 },
  ...{ canary: { share: 0.4, outcomesMin: 10 }, rollback: { outcomesMin: 10 }, shadow: true },
};

interface Given {
  readonly topic: string;
  readonly msg: unknown;
}

/** How far off each model is, one after the other: some are better than the one before, and some are worse. */
const biases = [1, 3, 0.5, 2, 0.25, 4, 0];

/** Rows with their labels some time later, and news of models: promoted ones and candidates. */
export class Load {
  /** Always the same numbers: what happens does not depend on when a process is killed. */
  readonly #random = new SeededRandom();
  #model = 0;
  #row = 0;
  #toNews = 0;

  constructor(seed: number) {
    this.#random.seed(seed, 1);
  }

  /** `count` more events. The files of their models are put beside the log. */
  async next(count: number, bus: Bus): Promise<Given[]> {
    const events: Given[] = [];
    while (events.length < count) {
      if (this.#toNews-- <= 0) events.push(await this.#news(bus));
      events.push(this.#event());
    }
    return events.slice(0, count);
  }

  async #news(bus: Bus): Promise<Given> {
    const version = ++this.#model;
    const bias = biases[version % biases.length]! + version / 1_000;
    const sha256 = await put(
      bus,
      linearFile({ task: "regression", weights: [1, 0], bias, version }),
    );
    this.#toNews = 5 + below(() => this.#random.next(), 150);
    const isOffer = version > 1 && below(() => this.#random.next(), 2) === 0;
    return { topic: `models.demo.${isOffer ? "trained" : "promoted"}`, msg: { sha256, version } };
  }

  #event(): Given {
    if (this.#row > 5 && below(() => this.#random.next(), 2) === 0) {
      const row = this.#row - 1 - below(() => this.#random.next(), 5);
      return { topic: "label", msg: { id: `row-${row}`, was: row % 7 } };
    }
    const row = this.#row++;
    return { topic: "in", msg: { id: `row-${row}`, x: row % 7, y: 0 } };
  }
}
