const beginning = /^<--- Last few GCs --->/;
const parts = [
  /^<--- JS stacktrace --->/,
  /^\[\d+:0x[^\]]*\] +\d+ ms: /,
  /^FATAL ERROR: .*(?:heap|allocation)/i,
  /^----- Native stack trace -----/,
  /^ *\d+: 0x[0-9a-f]+ /,
];

/** Tells what V8 prints about a heap that is full, dozens of lines, from what a plugin prints. */
export class HeapTrace {
  #hasBegun = false;

  /** Whether the next line is a part of it. */
  includes(line: string): boolean {
    if (beginning.test(line)) this.#hasBegun = true;
    else if (!this.#hasBegun || !parts.some((part) => part.test(line))) return false;
    return true;
  }
}
