/** That a consumer was sent to another place in the log, with its state as it was. */
export interface Rewind {
  /** The generation that counted then. */
  readonly generation: number;
  /** For each of its processes, the sequence of the first output after that. */
  readonly seqs: readonly number[];
  /** The offset that it went on from. */
  readonly to: number;
}

/**
 * Which of the outputs that a consumer has ever published are those of the state that counts.
 * Generations follow one another: another number of processes and a promotion go on with what the one
 * before has published, and a reset with nothing.
 */
export interface Lineage {
  /** The first generation of it. */
  readonly since: number;
  /** In the order that they came, with rising `to`. */
  readonly rewinds: readonly Rewind[];
}

/** An output's place among all that a consumer has published. */
export interface OutputPlace {
  readonly generation: number;
  readonly partition: number;
  readonly seq: number;
}

/** Rewinds that are remembered, at most; those before are forgotten, and what they made void counts again. */
export const rewindsMax = 1_000;

/** Of a consumer that was never reset and never rewound. */
export const wholeLineage: Lineage = Object.freeze({ since: 1, rewinds: [] });

/** What came of events from `to` on is void from now on: they come again, or are to be skipped. */
export function afterRewind({ since, rewinds }: Lineage, rewind: Rewind): Lineage {
  // One that went no further back has made nothing void that this one does not.
  const others = rewinds.filter(({ to }) => to < rewind.to);
  return { since, rewinds: [...others, rewind].slice(-rewindsMax) };
}

/** Whether an output that the event at `cause` has caused is one of the state that counts. */
export function isOfLineage(
  { since, rewinds }: Lineage,
  place: OutputPlace,
  cause: number,
): boolean {
  if (place.generation < since) return false;
  return !rewinds.some((rewind) => cause >= rewind.to && isBefore(place, rewind));
}

function isBefore({ generation, partition, seq }: OutputPlace, rewind: Rewind): boolean {
  if (generation !== rewind.generation) return generation < rewind.generation;
  return seq < (rewind.seqs[partition] ?? 0);
}

/** Whether a stored value is one, whole. */
export function isLineage(stored: unknown): stored is Lineage {
  if (typeof stored !== "object" || stored === null) return false;
  const { since, rewinds } = stored as Partial<Lineage>;
  return Number.isSafeInteger(since) && Array.isArray(rewinds) && rewinds.every(isRewind);
}

function isRewind(stored: unknown): boolean {
  const { generation, seqs, to } = (stored ?? {}) as Partial<Rewind>;
  return (
    [generation, to].every((number) => Number.isSafeInteger(number)) &&
    Array.isArray(seqs) &&
    seqs.every((seq) => Number.isSafeInteger(seq))
  );
}
