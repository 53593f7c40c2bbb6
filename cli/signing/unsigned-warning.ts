/** What whoever runs a hub without a trust file must not overlook. */
const uncheckedWarning =
  "signatures are NOT checked: whoever reaches this hub can publish in anybody's name";

/** The same where only some topics may come unsigned; undefined if everything must be signed. */
export function unsignedWarning(unsigned: readonly string[] | undefined): string | undefined {
  if (unsigned === undefined) return uncheckedWarning;
  if (unsigned.length === 0) return undefined;
  return `events on ${unsigned.join(", ")} may come unsigned, in anybody's name`;
}
