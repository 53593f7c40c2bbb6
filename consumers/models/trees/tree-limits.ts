/** Rounds of boosting, or trees of a forest. */
export const treesMax = 10_000;

export const leavesMax = 65_536;

/** Beside these there is one for what is missing. */
export const binsMax = 1024;
