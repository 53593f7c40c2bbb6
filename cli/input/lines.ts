import type { Readable } from "node:stream";
import { FedbusError } from "../../schemas/errors.js";

/** A line's bytes without its line break, and its number from 1. */
export interface InputLine {
  readonly number: number;
  readonly bytes: Buffer;
}

/** Bytes of one line, at most: what is longer is no event for sure. */
const lineBytesMax = 64 * 2 ** 20;

/**
 * The lines of `input` as they arrive: each batch holds what one read brought. Blank lines are left
 * out but counted. Memory is bounded by the longest line; rejects with INPUT_INVALID past the limit.
 */
export async function* readLines(input: Readable): AsyncGenerator<readonly InputLine[]> {
  let number = 0;
  let parts: Buffer[] = [];
  let partsBytes = 0;
  const take = (rest: Buffer): InputLine => {
    const whole = parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
    parts = [];
    partsBytes = 0;
    number++;
    return { number, bytes: whole.at(-1) === 0x0d ? whole.subarray(0, -1) : whole };
  };
  for await (const read of input) {
    const chunk = typeof read === "string" ? Buffer.from(read) : (read as Buffer);
    const lines: InputLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      lines.push(take(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    partsBytes += chunk.length - start;
    if (partsBytes > lineBytesMax) throw tooLong(number + 1);
    yield lines.filter(isNotBlank);
  }
  if (parts.length > 0) yield [take(Buffer.alloc(0))].filter(isNotBlank);
}

function isNotBlank({ bytes }: InputLine): boolean {
  return bytes.some((byte) => byte !== 0x20 && byte !== 0x09);
}

function tooLong(line: number): FedbusError {
  return new FedbusError("INPUT_INVALID", `line ${line} is longer than ${lineBytesMax} bytes`, {
    details: { line, lineBytesMax, remedy: "the input must be NDJSON: one event a line" },
  });
}
