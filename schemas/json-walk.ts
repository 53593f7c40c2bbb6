/**
 * Counts the members of every object inside parsed JSON. Notices what only the text
 * can decide: a key that may be forbidden, or a number past what an
 * integer may be (which is fine for `1e300` and not for `9007199254740993`).
 */
export class JsonWalk {
  #suspicious = false;

  /**
   * Whether parsing `value` has lost none of the `members` in its text, and let nothing in that only
   * the text can decide. The depth of `value` must be known to be small.
   */
  holds(value: unknown, members: number): boolean {
    this.#suspicious = false;
    return this.#visit(value) === members && !this.#suspicious;
  }

  #countMembers(value: object): number {
    let count = 0;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) count += this.#visit(value[index]);
      return count;
    }
    const record = value as Readonly<Record<string, unknown>>;
    for (const key in record) {
      count++;
      if (key === "__proto__" || key === "constructor") this.#suspicious = true;
      const child = record[key];
      if (typeof child === "object") {
        if (child !== null) count += this.#countMembers(child);
      } else if (typeof child === "number") this.#check(child);
    }
    return count;
  }

  #visit(child: unknown): number {
    if (typeof child === "object") return child === null ? 0 : this.#countMembers(child);
    if (typeof child === "number") this.#check(child);
    return 0;
  }

  #check(value: number): void {
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) this.#suspicious = true;
  }
}
