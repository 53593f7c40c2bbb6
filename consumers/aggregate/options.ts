import { refuse } from "../../bus/kernel/options.js";
import { fieldOf } from "../field.js";
import { commonRules, someTopics } from "../plugin/common-options.js";
import {
  anything,
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  whole,
} from "../plugin/option-rules.js";
import type { AggregateSpec } from "./aggregate-spec.js";
import { Grid, windowsPerEventMax } from "./grid.js";
import type { Window } from "./window-kinds.js";
import { resultNames } from "./window-result.js";

/** A path, or a function. */
const aField: Rule = (value) => {
  if (typeof value === "function") return undefined;
  if (typeof value !== "string") return "must be a path or a function";
  try {
    fieldOf(value);
    return undefined;
  } catch (error) {
    return `is no field: ${(error as Error).message}`;
  }
};

const longestMs = 2 ** 42;
const aTopic: Rule = (value) =>
  typeof value === "string" || value === false ? undefined : "must be a topic, or false";

const { watermark: _, ...consumerRules } = commonRules;

const rules: Rules<AggregateSpec<never>> = {
  ...consumerRules,
  topics: someTopics,
  key: optional(aField),
  time: optional(aField),
  window: anything,
  outOfOrderMs: optional(whole(0, longestMs)),
  idleMs: optional(whole(0, longestMs)),
  watermark: optional(oneOf("stream", "key")),
  allowedLatenessMs: optional(whole(0, longestMs)),
  forgetMs: optional(whole(0, longestMs)),
  late: optional(aTopic),
  emit: anything,
  accumulators: anything,
  output: (value) =>
    typeof value === "string" || typeof value === "function"
      ? undefined
      : "must be a topic or a function",
};

/** Panes that a count window may be merged from. */
const countPanesMax = 10_000;

/** Throws OPTIONS_INVALID with all that is wrong. */
export function checkAggregate(spec: AggregateSpec<never>): void {
  const problems = problemsByRules<object>(spec, rules);
  if (typeof spec === "object" && spec !== null) {
    if (spec.watermark === "key" && spec.key === undefined)
      problems.push("watermark: key needs a key");
    problems.push(...problemsOfAccumulators(spec), ...problemsOfWindow(spec));
  }
  refuse("aggregate", problems);
}

function problemsOfAccumulators({ accumulators }: AggregateSpec<never>): string[] {
  if (typeof accumulators !== "object" || accumulators === null)
    return ["accumulators must be an object of accumulators by name"];
  const methods = ["create", "add", "merge", "result"] as const;
  return Object.entries(accumulators).flatMap(([name, accumulator]) => {
    if (resultNames.includes(name)) return [`accumulators: a result has a ${name} of its own`];
    const missing = methods.filter((method) => typeof accumulator?.[method] !== "function");
    return missing.length === 0 ? [] : [`accumulators: ${name} lacks ${missing.join(", ")}`];
  });
}

function problemsOfWindow(spec: AggregateSpec<never>): string[] {
  const { window, emit = "close" } = spec;
  const problems = problemsOfShape(window);
  if (problems.length > 0 || emit === "close") return problems;
  const every = typeof emit === "object" && emit !== null ? Object.entries(emit) : [];
  const [[name, value] = []] = every;
  if (every.length !== 1 || (name !== "everyMs" && name !== "everyCount") || !isWhole(value, 1))
    return ["emit must be close, { everyMs } or { everyCount }, a whole number, 1 or more"];
  if (window.kind === "sliding" || window.kind === "count")
    return [`emit: ${window.kind} windows have no early results`];
  return [];
}

/** What each kind of window takes. */
const windowOptions: Readonly<Record<Window["kind"], readonly string[]>> = {
  tumbling: ["sizeMs", "offsetMs"],
  hopping: ["sizeMs", "slideMs", "offsetMs"],
  sliding: ["sizeMs"],
  session: ["gapMs", "sizeMsMax"],
  count: ["size", "slide"],
};

function problemsOfShape(window: Window): string[] {
  const known = windowOptions[window?.kind];
  if (known === undefined)
    return ["window must be tumbling, hopping, sliding, session or countWindow"];
  const unknown = Object.keys(window).filter((name) => name !== "kind" && !known.includes(name));
  if (unknown.length === 0) return problemsOfSize(window);
  const { kind } = window;
  return [
    `window: ${unknown.join(", ")} is no option of ${kind} windows, which take ${known.join(", ")}`,
  ];
}

function problemsOfSize(window: Window): string[] {
  switch (window.kind) {
    case "tumbling":
      return isWhole(window.sizeMs, 1) && Number.isSafeInteger(window.offsetMs)
        ? []
        : ["window: sizeMs must be a whole number, 1 or more; offsetMs a whole one"];
    case "hopping": {
      const { sizeMs, slideMs, offsetMs } = window;
      if (!isWhole(sizeMs, 1) || !isWhole(slideMs, 1) || !Number.isSafeInteger(offsetMs))
        return [
          "window: sizeMs and slideMs must be whole numbers, 1 or more; offsetMs a whole one",
        ];
      if (slideMs > sizeMs) return ["window: slideMs must not be above sizeMs"];
      if (sizeMs / slideMs > windowsPerEventMax)
        return [`window: an event would be in more than ${windowsPerEventMax} windows`];
      return [];
    }
    case "sliding":
      return isWhole(window.sizeMs, 1) ? [] : ["window: sizeMs must be a whole number, 1 or more"];
    case "session":
      return isWhole(window.gapMs, 1) && isWhole(window.sizeMsMax ?? 1, 1)
        ? []
        : ["window: gapMs and sizeMsMax must be whole numbers, 1 or more"];
    case "count":
      if (!isWhole(window.size, 1) || !isWhole(window.slide, 1) || window.slide > window.size)
        return ["window: size and slide must be whole numbers, 1 or more, slide not above size"];
      return window.size / new Grid(window.size, window.slide, 0).paneMs > countPanesMax
        ? [`window: it would be merged from more than ${countPanesMax} parts`]
        : [];
  }
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
