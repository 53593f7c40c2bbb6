import type { BusEvent } from "../../bus/index.js";
import { type Field, fieldOf } from "../field.js";
import type { Category } from "../models/features/feature.js";
import type { Task } from "../models/learners/learner.js";

/** What an event says of its label: a number to learn, nothing, or what cannot be a label. */
export type Label = number | "missing" | "invalid";

/** Reads labels: the value itself, or the index of its class. */
export function labelReader(
  field: Field,
  task: Task,
  classes: readonly Category[],
): (event: BusEvent) => Label {
  const valueIn = fieldOf(field);
  const numberOf = labelNumber(task, classes);
  return (event) => numberOf(valueIn(event));
}

/** The number that stands for a label's value. */
export function labelNumber(task: Task, classes: readonly Category[]): (value: unknown) => Label {
  if (classes.length === 0 || isYesOrNo(classes))
    return task === "regression" ? finiteValue : yesOrNo;
  const indices = new Map<unknown, number>(classes.map((value, index) => [value, index]));
  return (value) =>
    value === undefined || value === null ? "missing" : (indices.get(value) ?? "invalid");
}

function isYesOrNo([no, yes]: readonly Category[]): boolean {
  return no === false && yes === true;
}

function finiteValue(value: unknown): Label {
  if (value === undefined || value === null) return "missing";
  // What would overflow 32 bits would overflow a model's weights.
  return typeof value === "number" && Number.isFinite(Math.fround(value)) ? value : "invalid";
}

function yesOrNo(value: unknown): Label {
  if (value === undefined || value === null) return "missing";
  if (value === true || value === 1) return 1;
  return value === false || value === 0 ? 0 : "invalid";
}
