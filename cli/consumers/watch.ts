import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../context.js";
import { jsonLine } from "../render/escape.js";

const periodMs = 1_000;

export const watchOption = {
  watch: { type: "boolean", default: false, describe: "Again every second, until Ctrl-C" },
} as const;

/** Shows what `look` finds: once, or every second with the one before overwritten on a terminal. */
export async function show<Found extends object>(
  look: () => Promise<readonly Found[]>,
  render: (found: readonly Found[]) => string,
  { watch, context }: { readonly watch: boolean; readonly context: Context },
): Promise<void> {
  const { json, out, signal } = context;
  for (let lines = 0; ; ) {
    const found = await look();
    const text = json ? found.map(jsonLine).join("") : render(found);
    const back = out.isTerminal && !json && lines > 0 ? `\u001b[${lines}A\u001b[J` : "";
    await out.write(back + text);
    if (!watch) return;
    lines = text.split("\n").length - 1;
    await sleep(periodMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
}
