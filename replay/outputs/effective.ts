import { correctsHeader } from "../../consumers/runner/own-output.js";
import type { LoggedOutput } from "./logged-outputs.js";
import { retractedTopic } from "./output.js";

/**
 * What is left of the outputs of one cause, given in the order of the log: without those that a
 * later promotion has corrected or retracted, and without those that a rewound consumer repeated.
 */
export function effectiveOutputs(outputs: readonly LoggedOutput[]): readonly LoggedOutput[] {
  if (outputs.length === 1 && isPlain(outputs[0]!)) return outputs;
  const left: (LoggedOutput | undefined)[] = [];
  const byOffset = new Map<number, number>();
  const byId = new Map<string, number>();
  for (const output of outputs) {
    if (isRetraction(output)) {
      const at = byOffset.get(retractedBy(output)!);
      if (at !== undefined) left[at] = undefined;
      continue;
    }
    const { msg_id: id } = output.envelope;
    const corrected = output.envelope.headers?.[correctsHeader];
    const at =
      (typeof corrected === "number" ? byOffset.get(corrected) : undefined) ??
      (id === undefined ? undefined : byId.get(id)) ??
      left.length;
    left[at] = output;
    byOffset.set(output.offset, at);
    if (id !== undefined) byId.set(id, at);
  }
  return left.filter((output) => output !== undefined);
}

function isPlain(output: LoggedOutput): boolean {
  return !isRetraction(output);
}

function isRetraction({ envelope, cause }: LoggedOutput): boolean {
  return envelope.topic === retractedTopic(cause.consumer);
}

function retractedBy({ envelope }: LoggedOutput): number | undefined {
  const { offset } = (envelope.msg ?? {}) as { offset?: unknown };
  return typeof offset === "number" ? offset : undefined;
}
