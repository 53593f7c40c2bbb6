import { FedbusError } from "../../schemas/errors.js";
import { remedyFor } from "../remedies.js";
import type { Colours } from "./colours.js";
import { escapeJson, escapeText } from "./escape.js";

/** Any thrown value as the one error class. */
export function asFedbusError(error: unknown): FedbusError {
  if (error instanceof FedbusError) return error;
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EROFS")
    return new FedbusError("LOG_WRITE_FAILED", `cannot write: ${message}`, { cause: error });
  if (typeof code === "string" && /^E[A-Z]+$/.test(code))
    return new FedbusError("INPUT_INVALID", message, { details: { errno: code, path } });
  return new FedbusError("INTERNAL", error instanceof Error ? message : String(error), {
    cause: error,
  });
}

/** An error as lines for standard error; the stack only when fedbus itself is at fault. */
export function renderError(error: FedbusError, colours: Colours): string {
  const lines = [`${colours.red("fedbus:")} ${escapeText(error.message)} (${error.code})`];
  const remedy = remedyFor(error);
  if (remedy !== undefined) lines.push(`  ${escapeText(remedy)}`);
  if (error.code === "INTERNAL") {
    const { stack = "" } = error.cause instanceof Error ? error.cause : error;
    lines.push(...stack.split("\n").slice(1).map(escapeText));
  }
  return `${lines.join("\n")}\n`;
}

/** An error as one line of JSON: `{"error":{code, message, details}}`. */
export function renderErrorJson(error: FedbusError): string {
  const remedy = remedyFor(error);
  const details = remedy === undefined ? error.details : { ...error.details, remedy };
  const { code, message } = error;
  return `${escapeJson(JSON.stringify({ error: { code, message, details } }))}\n`;
}
