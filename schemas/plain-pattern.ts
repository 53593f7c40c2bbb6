/** One character: itself, `\d`, `\w`, an escaped sign, or a class of such and of ranges. */
const one = String.raw`(?:[A-Za-z0-9 _:;,@%&=~"'<>!#/-]|\\[dw./+*?$^()|[\]{}\\]|\[(?:[A-Za-z0-9 _.:,@%+*/]-[A-Za-z0-9]|[A-Za-z0-9 _.:,@%+*/]|\\[dw./\-])+-?\])`;
/** That character so many times, the number fixed. */
const fixed = `${one}(?:\\{\\d{1,2}\\})?`;
/** The same, where it may be tried again for every character of the text. */
const short = `${one}(?:\\{\\d\\})?`;
/** That character as often as it comes, or between two numbers. */
const open = `${one}(?:[+*?]|\\{\\d{1,2},(?:\\d{1,2})?\\})`;
const plain = new RegExp(`^\\^(?:${fixed}){0,40}(?:${open})?(?:${short}){0,8}\\$?$`);
const patternCharactersMax = 200;

/**
 * Whether a backtracking engine is sure to take time in proportion to the text: the pattern is
 * anchored at the start, has no groups and no alternatives, and at most one place where it may choose
 * how far to go. Going back from there, each step tries a rest of at most 72 characters, once.
 */
export function isPlainlyLinear(pattern: string): boolean {
  return pattern.length <= patternCharactersMax && plain.test(pattern);
}
