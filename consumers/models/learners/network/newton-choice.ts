import { refuse } from "../../../../bus/kernel/options.js";
import type { Shape } from "../learner.js";
import type { LinearHyper } from "./linear-hyper.js";

/** Columns up to which Newton steps are worth their time, and at which their state becomes a burden. */
const columnsGood = 64;
const columnsMax = 1024;

/**
 * Whether Newton steps are taken, and not the optimiser's. Throws OPTIONS_INVALID where they are asked for and there
 * cannot be any.
 */
export function takesNewton(
  { width }: Pick<Shape, "width">,
  { optimiser, l1, l2 }: Pick<LinearHyper, "optimiser" | "l1" | "l2">,
): boolean {
  if (optimiser === "auto") return width <= columnsGood && l1 === 0 && l2 === 0;
  if (optimiser !== "newton") return false;
  const problems: string[] = [];
  if (l1 > 0 || l2 > 0) problems.push("optimiser newton has no l1 and l2");
  if (width > columnsMax)
    problems.push(`optimiser newton takes at most ${columnsMax} columns, not ${width}`);
  refuse("hyper", problems);
  return true;
}
