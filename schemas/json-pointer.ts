/** `key` as one step of a JSON pointer (RFC 6901), its slash included. */
export function pointerStep(key: string | number): string {
  return `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
