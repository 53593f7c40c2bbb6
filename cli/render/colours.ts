import pico from "picocolors";

/** Ways to paint text; without colours they give the text back. */
export type Colours = Pick<
  ReturnType<typeof pico.createColors>,
  "bold" | "dim" | "red" | "green" | "yellow" | "cyan"
>;

export function createColours(enabled: boolean): Colours {
  return pico.createColors(enabled);
}
