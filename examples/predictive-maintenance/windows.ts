// What a sensor measured in the last hour, every 15 minutes, and how that differs from the hour before.
import { aggregate, hopping, max, mean, min, stddev } from "fedbus/consumers";

const minuteMs = 60_000;

/** An hour of a sensor's readings, as it is published. */
export interface Hour {
  readonly key: string;
  readonly window: { readonly start: number; readonly end: number };
  readonly mean: number;
  /** Since the hour before; absent if there was none. */
  readonly change?: number;
}

const hourMs = 60 * minuteMs;

export default aggregate({
  name: "machine-windows",
  version: "1.0",
  topics: ["machine.reading"],
  key: "msg.sensor",
  window: hopping({ sizeMs: hourMs, slideMs: 15 * minuteMs }),
  accumulators: {
    mean: mean("msg.celsius"),
    min: min("msg.celsius"),
    max: max("msg.celsius"),
    stddev: stddev("msg.celsius"),
  },
  output(result, context) {
    const { key, window, mean } = result as unknown as Hour;
    const means = context.table<number>("means");
    const before = means.get(`${key} ${window.start}`);
    means.put(`${key} ${window.end}`, mean);
    means.delete(`${key} ${window.start}`);
    const change = before === undefined ? {} : { change: mean - before };
    return { topic: "machine.hour", msg: { ...result, ...change } };
  },
});
