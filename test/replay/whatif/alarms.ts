import { type Consumer, consumer } from "../../../consumers/index.js";

/** Tells of readings above a limit. */
export function alarms(
  limit: number,
  options: { readonly version?: string; readonly alert?: (value: number) => unknown } = {},
): Consumer {
  const { version = "1", alert = (value) => ({ value, level: "high" }) } = options;
  return consumer({
    name: "alarms",
    version,
    topics: ["sensor.#"],
    key: (event) => event.topic,
    handle: (event, { emit, state }) => {
      const { value } = event.msg as { value: number };
      state.put("last", value);
      if (value > limit) emit("alarm.raised", alert(value), { key: event.topic });
    },
  });
}
