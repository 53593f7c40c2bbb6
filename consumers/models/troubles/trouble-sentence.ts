/** What is wrong with some events, and what follows from it. */
export interface TroubleWords {
  readonly what: string;
  readonly effect: string;
}

/** Events that have the same trouble in the same place. */
export interface TroubledEvents {
  /** Where it was looked for; absent if a function does that. */
  readonly path?: string | undefined;
  readonly events: number;
  /** How many there were, with and without that trouble. */
  readonly of: number;
  /** The offset of the first that has it. */
  readonly offset: number;
}

/** Sentences that one note takes. */
const sentencesMax = 3;

/** What is said of such events. */
export function troubleSentence(
  { what, effect }: TroubleWords,
  { path, events, of, offset }: TroubledEvents,
): string {
  const where = path === undefined ? "" : ` (${path})`;
  return `${events} of ${of} events ${what}${where}, first the one at offset ${offset}: ${effect}`;
}

/** The first sentences as one note; undefined if there are none. */
export function noteOf(sentences: readonly (string | undefined)[]): string | undefined {
  const said = sentences.filter((sentence) => sentence !== undefined);
  const more = said.length - sentencesMax;
  const shown = said.slice(0, sentencesMax);
  if (more > 0) shown.push(`${more} more like that`);
  return shown.length === 0 ? undefined : shown.join("; ");
}
