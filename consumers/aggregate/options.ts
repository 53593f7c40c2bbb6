import { FedbusError } from "../../schemas/index.js";
import type { AggregateSpec } from "./aggregate-spec.js";
import { Grid, windowsPerEventMax } from "./grid.js";
import type { Window } from "./window-kinds.js";
import { resultNames } from "./window-result.js";

const known: ReadonlySet<string> = new Set([
  ...["name", "version", "topics", "config", "key", "onFailure", "attemptsMax"],
  ...["time", "window", "outOfOrderMs", "idleMs", "watermark", "allowedLatenessMs", "forgetMs"],
  ...["late", "emit", "accumulators", "output"],
]);

/** Panes that a count window may be merged from. */
const countPanesMax = 10_000;

/** Throws OPTIONS_INVALID with all that is wrong. */
export function checkAggregate(spec: AggregateSpec<never>): void {
  const problems =
    typeof spec === "object" && spec !== null ? problemsOf(spec) : ["it takes one object"];
  if (problems.length > 0)
    throw new FedbusError("OPTIONS_INVALID", `aggregate: ${problems.join("; ")}`, {
      details: { problems },
    });
}

function problemsOf(spec: AggregateSpec<never>): string[] {
  const problems = Object.keys(spec)
    .filter((name) => !known.has(name))
    .map((name) => `${name} is not an option`);
  for (const name of ["outOfOrderMs", "idleMs", "allowedLatenessMs", "forgetMs"] as const)
    if (spec[name] !== undefined && !whole(spec[name], 0))
      problems.push(`${name} must be a whole number of ms, 0 or more`);
  if (spec.watermark !== undefined && spec.watermark !== "stream" && spec.watermark !== "key")
    problems.push("watermark must be stream or key");
  if (spec.watermark === "key" && spec.key === undefined)
    problems.push("watermark: key needs a key");
  if (typeof spec.output !== "string" && typeof spec.output !== "function")
    problems.push("output must be a topic or a function");
  if (spec.late !== undefined && spec.late !== false && typeof spec.late !== "string")
    problems.push("late must be a topic, or false");
  return [...problems, ...problemsOfAccumulators(spec), ...problemsOfWindow(spec)];
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
  if (every.length !== 1 || (name !== "everyMs" && name !== "everyCount") || !whole(value, 1))
    return ["emit must be close, { everyMs } or { everyCount }, a whole number, 1 or more"];
  if (window.kind === "sliding" || window.kind === "count")
    return [`emit: ${window.kind} windows have no early results`];
  return [];
}

function problemsOfShape(window: Window): string[] {
  switch (window?.kind) {
    case "tumbling":
    case "hopping": {
      const { sizeMs, offsetMs } = window;
      const slideMs = window.kind === "hopping" ? window.slideMs : sizeMs;
      if (!whole(sizeMs, 1) || !whole(slideMs, 1) || !Number.isSafeInteger(offsetMs))
        return [
          "window: sizeMs and slideMs must be whole numbers, 1 or more; offsetMs a whole one",
        ];
      if (slideMs > sizeMs) return ["window: slideMs must not be above sizeMs"];
      if (sizeMs / slideMs > windowsPerEventMax)
        return [`window: an event would be in more than ${windowsPerEventMax} windows`];
      return [];
    }
    case "sliding":
      return whole(window.sizeMs, 1) ? [] : ["window: sizeMs must be a whole number, 1 or more"];
    case "session":
      return whole(window.gapMs, 1) && whole(window.sizeMsMax ?? 1, 1)
        ? []
        : ["window: gapMs and sizeMsMax must be whole numbers, 1 or more"];
    case "count":
      if (!whole(window.size, 1) || !whole(window.slide, 1) || window.slide > window.size)
        return ["window: size and slide must be whole numbers, 1 or more, slide not above size"];
      return window.size / new Grid(window.size, window.slide, 0).paneMs > countPanesMax
        ? [`window: it would be merged from more than ${countPanesMax} parts`]
        : [];
    default:
      return ["window must be tumbling, hopping, sliding, session or countWindow"];
  }
}

function whole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
