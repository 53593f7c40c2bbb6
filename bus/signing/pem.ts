/**
 * Every block of PEM with one of the labels in `text`, in its order. A file may hold several (RFC 7468, section 2).
 * Undefined if one of them has no end, as what stands in it would be passed over in silence.
 */
export function pemBlocks(text: string, labels: readonly string[]): string[] | undefined {
  const begin = `-----BEGIN (${labels.join("|")})-----`;
  const blocks = text.match(new RegExp(`${begin}[^-]*-----END \\1-----`, "g")) ?? [];
  const begun = text.match(new RegExp(begin, "g")) ?? [];
  return blocks.length === begun.length ? blocks : undefined;
}

/** The bytes in a block: its base64 between the two lines. */
export function pemBytes(block: string): Buffer {
  return Buffer.from(block.replace(/-----[^-]+-----/g, ""), "base64");
}
