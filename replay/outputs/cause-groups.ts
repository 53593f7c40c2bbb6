import { FedbusError } from "../../schemas/index.js";
import type { Output } from "./output.js";

/** The outputs of one cause. */
export interface CauseGroup<One extends Output = Output> {
  readonly offset: number;
  readonly outputs: readonly One[];
}

/** Outputs of one cause, at most: those are compared in memory. */
export const outputsOfCauseMax = 1_000_000;

/** Outputs that come in order of their causes, cause by cause. Rejects with INPUT_INVALID for one that has too many. */
export async function* groupByCause<One extends Output>(
  outputs: AsyncIterable<One>,
  max = outputsOfCauseMax,
): AsyncGenerator<CauseGroup<One>> {
  let group: One[] = [];
  for await (const output of outputs) {
    const [first] = group;
    if (first !== undefined && first.cause.offset !== output.cause.offset) {
      yield { offset: first.cause.offset, outputs: group };
      group = [];
    }
    if (group.length >= max) throw tooMany(output.cause.offset, max);
    group.push(output);
  }
  if (group.length > 0) yield { offset: group[0]!.cause.offset, outputs: group };
}

/** The groups of both sides, cause by cause; one side may have none. */
export async function* joinByCause<Old extends Output, New extends Output>(
  olds: AsyncIterable<CauseGroup<Old>>,
  news: AsyncIterable<CauseGroup<New>>,
): AsyncGenerator<{ readonly olds: readonly Old[]; readonly news: readonly New[] }> {
  const left = olds[Symbol.asyncIterator]();
  const right = news[Symbol.asyncIterator]();
  try {
    let [a, b] = await Promise.all([left.next(), right.next()]);
    while (a.done !== true || b.done !== true) {
      const at = Math.min(offsetOf(a), offsetOf(b));
      const isOld = offsetOf(a) === at;
      const isNew = offsetOf(b) === at;
      yield { olds: isOld ? a.value.outputs : [], news: isNew ? b.value.outputs : [] };
      if (isOld) a = await left.next();
      if (isNew) b = await right.next();
    }
  } finally {
    await left.return?.();
    await right.return?.();
  }
}

function offsetOf({ done, value }: IteratorResult<CauseGroup>): number {
  return done === true ? Number.POSITIVE_INFINITY : (value as CauseGroup).offset;
}

function tooMany(offset: number, max: number): FedbusError {
  return new FedbusError("INPUT_INVALID", `event ${offset} has caused more than ${max} outputs`, {
    details: { offset, max, remedy: "choose a range without it, by --from and --to" },
  });
}
