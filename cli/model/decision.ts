import type { ModelCard } from "../../consumers/serve/model-card.js";

/** What a model's outputs come to: yes or no at the threshold, or the class of the highest; else nothing. */
export function decisionOf(
  { task, classes }: Pick<ModelCard, "task" | "classes">,
  outputs: ArrayLike<number>,
  threshold: number,
): unknown {
  if (task === "binary") {
    const isPositive = outputs[0]! >= threshold;
    return classes?.[isPositive ? 1 : 0] ?? isPositive;
  }
  if (task !== "classes") return undefined;
  let best = 0;
  for (let index = 1; index < outputs.length; index++)
    if (outputs[index]! > outputs[best]!) best = index;
  return classes?.[best] ?? best;
}
