import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { valueFor } from "./field-of-accumulator.js";

/** Where a value was found: its event's time and offset. */
type State = [time: number, offset: number, value: unknown] | null;

/** A field of the earliest event, by event time, then offset; null if it has none. */
export function first(field: Field): Accumulator<State, unknown> {
  return edge("first", field, (time, offset, state) =>
    time === state[0] ? offset < state[1] : time < state[0],
  );
}

/** A field of the latest event, by event time, then offset; null if it has none. */
export function last(field: Field): Accumulator<State, unknown> {
  return edge("last", field, (time, offset, state) =>
    time === state[0] ? offset > state[1] : time > state[0],
  );
}

function edge(
  name: string,
  field: Field,
  beats: (time: number, offset: number, state: NonNullable<State>) => boolean,
): Accumulator<State, unknown> {
  const valueIn = valueFor(name, field);
  return {
    create: () => null,
    add: (state, event, time) =>
      state === null || beats(time, event.offset, state)
        ? [time, event.offset, valueIn(event) ?? null]
        : state,
    merge: (into, from) =>
      from !== null && (into === null || beats(from[0], from[1], into)) ? [...from] : into,
    result: (state) => (state === null ? null : state[2]),
  };
}
