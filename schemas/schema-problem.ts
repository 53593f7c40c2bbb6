import type { ErrorObject } from "ajv";
import { cut } from "./cut.js";
import { pointerStep } from "./json-pointer.js";

/** How a body fails its schema: the first fault found. */
export interface SchemaProblem {
  /** JSON pointer to the value at fault, from the root of what was validated. */
  readonly pointer: string;
  /** The schema keyword that it fails, such as `required`. */
  readonly keyword: string;
  /** To follow the pointer in a sentence: `must be >= 0`. */
  readonly expected: string;
}

/** Characters that are shown of a value or of a message. */
const shownMax = 200;

/** ajv's error in our words; `error` is the first that it found. */
export function problemOf(error: ErrorObject | undefined): SchemaProblem {
  if (error === undefined) return { pointer: "", keyword: "false schema", expected: "must fail" };
  return { pointer: pointerOf(error), keyword: error.keyword, expected: expectedOf(error) };
}

/** ajv names the object that has a member too many; we name the member. */
function pointerOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const extra = params.additionalProperty ?? params.unevaluatedProperty;
  return typeof extra === "string" ? error.instancePath + pointerStep(extra) : error.instancePath;
}

function expectedOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "enum":
      return `must be one of ${listed(params.allowedValues)}`;
    case "const":
      return `must be ${cut(JSON.stringify(params.allowedValue), shownMax)}`;
    case "additionalProperties":
    case "unevaluatedProperties":
      return "must not be there";
    case "false schema":
      return "must not be there";
    case "required":
      return `must have ${cut(JSON.stringify(params.missingProperty), shownMax)}`;
    default:
      return cut(error.message ?? `must pass "${error.keyword}"`, shownMax);
  }
}

function listed(values: unknown): string {
  if (!Array.isArray(values)) return "";
  return cut(values.map((value) => JSON.stringify(value)).join(", "), shownMax);
}
