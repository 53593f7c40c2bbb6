/**
 * What a terminal may obey or show in disguise: C0, DEL and C1 controls, the marks that change the
 * direction of text, the line and paragraph separators, the byte order mark, and lone surrogates.
 */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * `text` as one line that is safe to show to a person: every unsafe character becomes `\uXXXX`. JSON
 * text without line breaks keeps its meaning, since such characters stand only inside its strings.
 */
export function escapeText(text: string): string {
  return text.replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** JSON text as one safe line of the same meaning: line breaks between its tokens become spaces. */
export function escapeJson(json: string): string {
  return escapeText(json.replace(/[\n\r\t]/g, " "));
}

/** Text of several lines, each safe. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeText).join("\n");
}

/** A value as one safe line of JSON, its line break included. */
export function jsonLine(value: unknown): string {
  return `${escapeJson(JSON.stringify(value))}\n`;
}
