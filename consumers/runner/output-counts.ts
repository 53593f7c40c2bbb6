import { keyGroups } from "../store/key-group.js";

/** Behind the groups of keys come as many for what has no key's event for its cause. */
const groupsMax = 2 * keyGroups;

/** How many outputs a cause has had so far, by key group. It is used again for each cause. */
export class OutputCounts {
  readonly #counts = new Uint32Array(groupsMax);
  /** The groups that have any, `#used` of them. */
  readonly #groups = new Uint8Array(groupsMax);
  #used = 0;

  constructor(byGroup: Readonly<Record<number, number>>) {
    for (const [group, count] of Object.entries(byGroup)) {
      this.#groups[this.#used++] = Number(group);
      this.#counts[Number(group)] = count;
    }
  }

  get byGroup(): Record<number, number> {
    const groups = [...this.#groups.subarray(0, this.#used)];
    return Object.fromEntries(groups.map((group) => [group, this.of(group)]));
  }

  of(group: number): number {
    return this.#counts[group]!;
  }

  increment(group: number): void {
    if (this.#counts[group]!++ === 0) this.#groups[this.#used++] = group;
  }

  /** Another cause. */
  clear(): void {
    while (this.#used > 0) this.#counts[this.#groups[--this.#used]!] = 0;
  }
}
