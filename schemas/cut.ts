/** `text`, or its start if it is longer than `lengthMax`: what others wrote has no bound of its own. */
export function cut(text: string, lengthMax = 256): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}...` : text;
}
