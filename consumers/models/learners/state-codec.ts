import { FedbusError } from "../../../schemas/errors.js";
import type { LearnerState } from "./learner.js";

/** A learner's state as plain JSON; arrays of floats are base64 of their little-endian bytes. */
export type StoredState = {
  readonly [name: string]:
    | number
    | string
    | boolean
    | readonly number[]
    | { readonly f64: string }
    | { readonly f32: string };
};

/** As JSON, without losing a bit. */
export function encodeState(state: LearnerState): StoredState {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => {
      if (value instanceof Float64Array) return [name, { f64: base64(value) }];
      if (value instanceof Float32Array) return [name, { f32: base64(value) }];
      return [name, value];
    }),
  );
}

/** What `encodeState` encoded. Throws STATE_CORRUPT for what it cannot have written. */
export function decodeState(stored: StoredState): LearnerState {
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => {
      if (typeof value !== "object" || Array.isArray(value)) return [name, value];
      if ("f64" in value) return [name, new Float64Array(bytesOf(name, value.f64, 8))];
      if ("f32" in value) return [name, new Float32Array(bytesOf(name, value.f32, 4))];
      throw corrupt(name);
    }),
  ) as LearnerState;
}

/** All machines that this runs on are little-endian. */
function base64(values: Float64Array | Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}

/** In a buffer of its own, since Buffer's pool is not aligned for floats. */
function bytesOf(name: string, text: string, size: number): ArrayBuffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length % size !== 0) throw corrupt(name);
  return new Uint8Array(bytes).buffer;
}

function corrupt(name: string): FedbusError {
  return new FedbusError("STATE_CORRUPT", `a learner's state has no usable ${name}`);
}
