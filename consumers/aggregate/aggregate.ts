import type { BusEvent } from "../../bus/index.js";
import { fieldOf } from "../field.js";
import type { Consumer, Handlers } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import type { AggregateSpec } from "./aggregate-spec.js";
import { CountWindows } from "./count-windows.js";
import { everyCountOf, everyMsOf } from "./emission.js";
import { type EventTime, eventTimeOf } from "./event-time.js";
import { Folds } from "./folds.js";
import { Grid } from "./grid.js";
import { KeyedWindows } from "./keyed-windows.js";
import { checkAggregate } from "./options.js";
import { Outlet, type OutputOf } from "./outlet.js";
import { OwnWindows } from "./own-windows.js";
import { PaneShape } from "./pane-shape.js";
import { PaneWindows } from "./pane-windows.js";
import type { Plan } from "./plan.js";
import { SessionShape } from "./session-shape.js";
import { SlidingShape } from "./sliding-shape.js";
import type { Window } from "./window-kinds.js";

const dayMs = 86_400_000;

type KeyFunction<Config> = (event: BusEvent, config: Config) => string | undefined;

/** A consumer that gathers events in windows and publishes a result for each. Throws OPTIONS_INVALID. */
export function aggregate<Config = unknown>(spec: AggregateSpec<Config>): Consumer<Config> {
  checkAggregate(spec as AggregateSpec<never>);
  const { name, version, topics, config, onFailure, attemptsMax } = spec;
  const { key, outOfOrderMs = 0, idleMs = 60_000 } = spec;
  const keyOf = key === undefined ? undefined : keyFunctionOf(key);
  const eventTime = eventTimeOf(spec.time);
  return consumer<Config>({
    name,
    topics,
    ...(version !== undefined && { version }),
    ...(config !== undefined && { config }),
    ...(onFailure !== undefined && { onFailure }),
    ...(attemptsMax !== undefined && { attemptsMax }),
    ...(keyOf !== undefined && { key: keyOf }),
    watermark: { time: eventTime.forWatermark, outOfOrderMs, idleMs },
    create: (setup) =>
      windowsOf(
        spec.window,
        spec.watermark === "key",
        planOf(spec, { keyOf, eventTime, config: setup.config }),
      ) as Handlers<Config>,
  });
}

function planOf<Config>(
  spec: AggregateSpec<Config>,
  made: {
    readonly keyOf: KeyFunction<Config> | undefined;
    readonly eventTime: EventTime;
    readonly config: Config;
  },
): Plan {
  const { keyOf, eventTime, config } = made;
  const { output, outOfOrderMs = 0, idleMs = 60_000, allowedLatenessMs = 0, emit = "close" } = spec;
  const late = spec.late ?? (typeof output === "string" ? `${output}.late` : false);
  const folds = new Folds(spec.accumulators);
  return {
    keyOf: keyOf === undefined ? () => "" : (event) => keyOf(event, config),
    timeOf: eventTime.timeOf,
    folds,
    outlet: new Outlet(
      folds,
      output as OutputOf,
      late === false ? undefined : late,
      keyOf !== undefined,
    ),
    outOfOrderMs,
    idleMs,
    allowedLatenessMs,
    everyMs: everyMsOf(emit),
    everyCount: everyCountOf(emit),
    forgetMs: spec.forgetMs ?? 7 * dayMs,
  };
}

function windowsOf(window: Window, byKey: boolean, plan: Plan): Handlers {
  switch (window.kind) {
    case "tumbling":
    case "hopping": {
      const slideMs = window.kind === "hopping" ? window.slideMs : window.sizeMs;
      const grid = new Grid(window.sizeMs, slideMs, window.offsetMs);
      return byKey ? new OwnWindows(plan, new PaneShape(plan, grid)) : new PaneWindows(plan, grid);
    }
    case "sliding":
      return keyed(plan, new SlidingShape(plan, window), byKey);
    case "session":
      return keyed(plan, new SessionShape(plan, window), byKey);
    case "count":
      return new CountWindows(plan, window);
  }
}

function keyed<Part>(
  plan: Plan,
  shape: ConstructorParameters<typeof KeyedWindows<Part>>[1],
  byKey: boolean,
): Handlers {
  return byKey ? new OwnWindows(plan, shape) : new KeyedWindows(plan, shape);
}

function keyFunctionOf<Config>(
  key: NonNullable<AggregateSpec<Config>["key"]>,
): KeyFunction<Config> {
  const valueIn = typeof key === "function" ? key : fieldOf(key);
  return (event, config) => {
    const value = valueIn(event, config);
    return typeof value === "string"
      ? value
      : typeof value === "number"
        ? String(value)
        : undefined;
  };
}
