import { type ErrorDetails, FedbusError, isFedbusError } from "../../schemas/errors.js";

/** The delivery may succeed later, unchanged. */
export function deliveryFailed(
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): FedbusError {
  return new FedbusError("DELIVERY_FAILED", message, { details, cause });
}

/** The delivery will never succeed as it is. */
export function deliveryRefused(
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): FedbusError {
  return new FedbusError("DELIVERY_REFUSED", message, { details, cause });
}

/** The same refusal, with the offset of the event that is to blame. */
export function blame(error: unknown, offset: number): unknown {
  if (!isFedbusError(error, "DELIVERY_REFUSED")) return error;
  return deliveryRefused(
    `offset ${offset}: ${error.message}`,
    { ...error.details, offset },
    error.cause,
  );
}

/** The words of whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node gathers the failures of each address that it tried, and gives the whole no message.
  if (error instanceof AggregateError && error.message === "")
    return error.errors.map(reasonOf).join("; ");
  return error.message;
}
