/** What a filter expression may be at most. */
export const expressionLimits = {
  /** Characters of its text. */
  charactersMax: 4_000,
  astNodesMax: 200,
  depthMax: 48,
  /** Elements of a list or map written in it. */
  literalElementsMax: 100,
  /** Comprehensions (`all`, `exists`, `exists_one`, `map`, `filter`); none inside another. */
  comprehensionsMax: 4,
  /** A filter with a comprehension looks only at events of up to this many bytes. */
  comprehensionEventBytesMax: 65_536,
} as const;
