import type { Shape, Task } from "../learner.js";
import type { Link } from "./network-spec.js";

/** What a network for this task ends with. */
export function linkOf(task: Task): Link {
  if (task === "binary") return "sigmoid";
  return task === "classes" ? "softmax" : "identity";
}

/** How many outputs it has. */
export function outputsOf({ task, classes }: Shape): number {
  return task === "classes" ? classes : 1;
}
