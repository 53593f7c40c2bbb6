import { FedbusError } from "../../schemas/errors.js";
import { remedyFor } from "../remedies.js";
import type { Colours } from "./colours.js";
import { escapeText, jsonLine } from "./escape.js";

/** What a disk says that takes no more. */
const diskCodes: readonly string[] = ["ENOSPC", "EDQUOT", "EROFS", "EIO", "EFBIG"];

/** What the system says of a file's name, and what to do. */
const fileProblems: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOENT: ["does not exist", "check the name"],
  ENOTDIR: ["is no directory, or lies in none", "check the name"],
  EISDIR: ["is a directory", "name a file"],
  EACCES: ["is not open to this user", "check its permissions"],
  EPERM: ["is not open to this user", "check its permissions"],
};

function fileFailure(error: NodeJS.ErrnoException, errno: string): FedbusError {
  const { message, path } = error;
  const [problem, remedy] = fileProblems[errno] ?? [];
  if (problem === undefined || path === undefined)
    return new FedbusError("INPUT_INVALID", message, { details: { errno, path } });
  const details = { errno, path, remedy };
  return new FedbusError("INPUT_INVALID", `${path} ${problem}`, { details, cause: error });
}

/** Any thrown value as the one error class. */
export function asFedbusError(error: unknown): FedbusError {
  if (error instanceof FedbusError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (diskCodes.includes(code ?? ""))
    return new FedbusError("LOG_WRITE_FAILED", `cannot write: ${message}`, { cause: error });
  if (typeof code === "string" && /^E[A-Z]+$/.test(code))
    return fileFailure(error as NodeJS.ErrnoException, code);
  return new FedbusError("INTERNAL", error instanceof Error ? message : String(error), {
    cause: error,
  });
}

/** An error as lines for standard error; the stack only when fedbus itself is at fault. */
export function renderError(error: FedbusError, colours: Colours): string {
  const lines = [
    `${colours.red("fedbus:")} ${escapeText(error.message)} (${escapeText(error.code)})`,
  ];
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
  return jsonLine({ error: { code, message, details } });
}
