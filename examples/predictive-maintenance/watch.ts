// Alerts when an hour is far from what was predicted: by so many times what predictions are usually wrong by.
import { consumer } from "fedbus/consumers";

interface Config {
  readonly deviations: number;
}

interface Outcome {
  readonly id: string;
  readonly output: number;
  readonly label: number;
}

interface Usual {
  /** Mean of squared errors, newer ones counting more. */
  readonly square: number;
  readonly count: number;
  readonly quietUntil: number;
}

export interface Alert {
  readonly sensor: string;
  /** The end of the hour that was not as predicted, ms since 1970. */
  readonly at: number;
  /** By how many degrees it was to differ from the hour before, and by how many it did. */
  readonly predicted: number;
  readonly measured: number;
  readonly deviations: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Of predictions, of which four come in an hour: a week. */
const rate = 1 / (7 * 24 * 4);
const countMin = 24 * 4;

export default consumer<Config>({
  name: "machine-watch",
  version: "1.0",
  topics: ["models.machine-heat.outcome"],
  config: {
    type: "object",
    properties: { deviations: { type: "number", exclusiveMinimum: 0, default: 5 } },
    additionalProperties: false,
  },
  handle({ msg }, { state, emit, config }) {
    const { id, output, label } = msg as Outcome;
    const [sensor = "", before] = id.split(" ");
    const at = Number(before) + hourMs;
    const { square, count, quietUntil } = (state.get(sensor) as Usual) ?? {
      ...{ square: 0, count: 0, quietUntil: 0 },
    };
    const error = label - output;
    const deviations = Math.abs(error) / Math.sqrt(square);
    const isFar = count >= countMin && deviations > config.deviations;
    if (isFar && at >= quietUntil)
      emit("machine.alert", { sensor, at, predicted: output, measured: label, deviations });
    state.put(sensor, {
      square: square + Math.max(rate, 1 / (count + 1)) * (error ** 2 - square),
      count: count + 1,
      quietUntil: isFar ? at + dayMs : quietUntil, // one alert for one trouble
    } satisfies Usual);
  },
});
