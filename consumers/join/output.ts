import type { Context } from "../plugin/context.js";
import type { Output } from "../transform/item.js";
import type { Outputs } from "../transform/transform.js";

/** Emits `outputs`, each naming `key` in its cause if it has none of its own. */
export function emitOutputs(context: Context, outputs: Outputs, key: string | undefined): void {
  if (outputs === undefined) return;
  if (isList(outputs)) for (const output of outputs) emitOne(context, output, key);
  else emitOne(context, outputs, key);
}

function isList(outputs: Output | readonly Output[]): outputs is readonly Output[] {
  return Array.isArray(outputs);
}

function emitOne(context: Context, output: Output, joined: string | undefined): void {
  const { topic, msg, headers, key = joined } = output;
  if (headers === undefined) context.emit(topic, msg, key === undefined ? undefined : { key });
  else context.emit(topic, msg, key === undefined ? { headers } : { headers, key });
}
