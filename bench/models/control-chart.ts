import { ewma } from "../../consumers/models/learners/forecasts/ewma.js";
import type { LabelledSeries } from "./data/machine-temperature.js";

/** Readings of a day, at one every five minutes. */
const day = 288;
const dayMs = 86_400_000;

/** The weight of the newest of `count` readings in an average that forgets as fast as their plain mean. */
const rateOf = (count: number) => 2 / (count + 1);

/**
 * A control chart as in the textbooks (Roberts, 1959; Shewhart's three sigma): the mean of about a day, the scale of
 * errors of about a week, an alarm beyond three of these. Nothing is fitted to the labels.
 */
const chart = { alpha: rateOf(day), errorRate: rateOf(7 * day), warmUp: day, clip: 0 };
const sigmas = 3;

/** Alarms less than a day apart are one. */
const quietMs = dayMs;

export interface Verdict {
  /** Labelled windows in which there was an alarm, of all. */
  readonly found: number;
  readonly windows: number;
  /** Alarms, and how many of them began outside of all windows. */
  readonly alarms: number;
  readonly falseAlarms: number;
}

/** What the chart says of a series, reading by reading, judged by its labels. */
export function judge({ readings, windows }: LabelledSeries): Verdict {
  const forecaster = ewma.open(chart);
  const times: number[] = [];
  for (const { time, value } of readings) {
    if (Math.abs(forecaster.deviation(value)) > sigmas) times.push(time);
    forecaster.learn(value);
  }
  const begun = times.filter((time, i) => i === 0 || time - times[i - 1]! > quietMs);
  const within = (time: number) => windows.some(([from, to]) => time >= from && time <= to);
  return {
    found: windows.filter(([from, to]) => times.some((time) => time >= from && time <= to)).length,
    windows: windows.length,
    alarms: begun.length,
    falseAlarms: begun.filter((time) => !within(time)).length,
  };
}
