import type { ImpureUse } from "../../replay/index.js";
import type { Context } from "../context.js";
import { escapeText } from "../render/escape.js";

/** Warns of a plugin that asks for what a replay cannot repeat. */
export function warnImpure({ err, errColours }: Context): (use: ImpureUse) => void {
  return ({ what, instead, file, line }) =>
    void err.line(
      `${errColours.yellow("warning")}: ${what} at ${escapeText(`${file}:${line}`)} is not the same ` +
        `in every run: use ${instead}`,
    );
}
