/** Where the next line goes. */
export interface Position {
  /** Number of the file, from 1. */
  readonly file: number;
  /** 0 while the file is not there: one is only made to write a line to it. */
  readonly bytes: number;
  /** The span of time that the file holds, in spans since 1970; absent where time does not matter. */
  readonly span?: number;
}

/** When a file ends. It depends on events alone, so a resend makes the same files. */
export interface Rotation {
  readonly fileBytesMax: number;
  readonly fileMs?: number | undefined;
}

/** Where a line of this size goes, of an event that was recorded then. */
export function placeFor(
  at: Position,
  lineBytes: number,
  recordedAt: number,
  { fileBytesMax, fileMs }: Rotation,
): Position {
  const span = fileMs === undefined ? undefined : Math.floor(recordedAt / fileMs);
  const fits = at.bytes + lineBytes <= fileBytesMax && at.span === span;
  const place = at.bytes === 0 || fits ? at : { file: at.file + 1, bytes: 0 };
  return { file: place.file, bytes: place.bytes, ...(span !== undefined && { span }) };
}
