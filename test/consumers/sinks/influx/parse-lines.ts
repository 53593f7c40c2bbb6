// A strict reader of InfluxDB's line protocol, written from its reference and not from our encoder. It
// goes character by character, and refuses whatever the reference does not allow.

export interface ParsedPoint {
  readonly measurement: string;
  readonly tags: Record<string, string>;
  readonly fields: Record<string, number | bigint | string | boolean>;
  readonly timestamp: bigint;
}

class Reading {
  at = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get next(): string {
    return this.text[this.at] ?? "";
  }

  expect(character: string): void {
    if (this.next !== character)
      throw new Error(`expected ${JSON.stringify(character)} at ${this.at} of ${this.text}`);
    this.at++;
  }

  /** Up to an unescaped character of `ends`; a backslash escapes only those of `special`. */
  word(ends: string, special: string): string {
    let word = "";
    for (; this.at < this.text.length && !ends.includes(this.next); this.at++) {
      if (this.next === "\n") throw new Error("a line break in a name");
      const following = this.text[this.at + 1] ?? "";
      if (this.next === "\\" && following === "\\") throw new Error("two backslashes in a name");
      if (this.next === "\\" && following !== "" && special.includes(following)) this.at++;
      word += this.next;
    }
    if (word === "") throw new Error(`nothing at ${this.at} of ${this.text}`);
    return word;
  }

  quoted(): string {
    this.expect('"');
    let text = "";
    while (this.next !== '"') {
      if (this.next === "") throw new Error("a text without end");
      if (this.next === "\\") {
        this.at++;
        if (!['"', "\\"].includes(this.next)) throw new Error("a backslash that escapes nothing");
      }
      text += this.next;
      this.at++;
    }
    this.expect('"');
    return text;
  }
}

export function parseLines(text: string): ParsedPoint[] {
  const reading = new Reading(text);
  const points = [parseLine(reading)];
  while (reading.next === "\n") {
    reading.expect("\n");
    points.push(parseLine(reading));
  }
  if (reading.at !== text.length) throw new Error(`more at ${reading.at} of ${text}`);
  return points;
}

function parseLine(reading: Reading): ParsedPoint {
  if (reading.next === "#") throw new Error("a comment");
  const measurement = reading.word(", ", ", ");
  const tags = new Map<string, string>();
  while (reading.next === ",") {
    reading.expect(",");
    const key = reading.word("=, ", "=, ");
    reading.expect("=");
    if (tags.has(key)) throw new Error("a tag twice");
    tags.set(key, reading.word("=, ", "=, "));
  }
  const fields = new Map<string, number | bigint | string | boolean>();
  do {
    reading.expect(fields.size === 0 ? " " : ",");
    const key = reading.word("=, ", "=, ");
    reading.expect("=");
    if (fields.has(key)) throw new Error("a field twice");
    fields.set(key, reading.next === '"' ? reading.quoted() : plain(reading.word(", \n", "")));
  } while (reading.next === ",");
  reading.expect(" ");
  const [stamp = ""] = /^-?\d+/.exec(reading.text.slice(reading.at)) ?? [];
  reading.at += stamp.length;
  return {
    measurement,
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(fields),
    timestamp: BigInt(stamp),
  };
}

function plain(word: string): number | bigint | boolean {
  if (word === "true" || word === "false") return word === "true";
  if (/^-?\d+i$/.test(word) || /^\d+u$/.test(word)) return BigInt(word.slice(0, -1));
  if (/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(word)) return Number(word);
  throw new Error(`no value: ${word}`);
}
