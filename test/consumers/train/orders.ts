import type { Bus, BusEvent } from "../../../bus/index.js";
import type { TrainedModel } from "../../../consumers/train/lineage.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { busOf, type Given } from "../over-log.js";

/** Numbers from 0 to below 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Orders of which those that are large, or from one shop, are often returned. */
export function orders(count: number, seed = 1): Given[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, index) => {
    const [amount, shop] = [random() * 100, "abc"[Math.floor(random() * 3)]!];
    const chance = 1 / (1 + Math.exp(4 - amount / 15 - (shop === "a" ? 2 : 0)));
    return {
      topic: "shop.order",
      msg: {
        ...{ id: index, amount: random() < 0.05 ? null : amount, shop },
        returned: random() < chance,
      },
      at: index * 1_000,
    };
  });
}

/** Learns whether orders come back. */
export const returned: TrainSpec = {
  name: "returned",
  topics: ["shop.order"],
  features: [
    { path: "msg.amount", encoder: { kind: "number", missing: true } },
    { path: "msg.shop", encoder: { kind: "one-hot", max: 4 } },
  ],
  label: "msg.returned",
  model: "gbdt",
  task: "binary",
  every: { rows: 1_000 },
  watermark: { time: (event) => event.recordedAt },
};

export async function ordersBus(count: number, seed = 1): Promise<Bus> {
  return await busOf(orders(count, seed), 10_000_000_000);
}

/** Bodies of what was put out on a topic. */
export function bodiesOn<Body>(outputs: readonly BusEvent[], topic: string): Body[] {
  return outputs.filter((event) => event.topic === topic).map(({ msg }) => msg as Body);
}

export function trainedIn(outputs: readonly BusEvent[], name = "returned"): TrainedModel[] {
  return bodiesOn<TrainedModel>(outputs, `models.${name}.trained`);
}
