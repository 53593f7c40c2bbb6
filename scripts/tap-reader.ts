interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Point {
  readonly ok: boolean;
  readonly name: string;
  readonly directive: string | undefined;
  readonly reason: string | undefined;
}

/** What a file's tests have cost. */
interface Cost {
  readonly file: string;
  readonly cpuSeconds: number;
}

const none: Counts = { passed: 0, failed: 0, skipped: 0 };

const pointPattern =
  /^( *)(not )?ok \d+(?: - )?(.*?)(?: # (SKIP|TODO)\b ?(.*?))?(?: # time=(\S+))?$/i;

/**
 * Counts the test points of tap's stream and prints one line for each file, with the failures and
 * skips under it. A subtest's own point is not counted, unless it fails although everything in it
 * passed (a timeout, a crash).
 */
export class TapReader {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** Of the files that told it. */
  readonly costs: Cost[] = [];
  readonly #print: (line: string) => void;
  /** The subtests around the line at hand, by depth; the outermost are the files. */
  readonly #open: (Counts & { readonly name: string })[] = [];
  /** Indent of the YAML block that the line at hand belongs to. */
  #detailsIndent: string | undefined;
  /** Indent of the point that was the line before, or undefined if that was no point. */
  #pointIndent: string | undefined;
  /** Whether the last point was counted as a failure: then its YAML block is shown. */
  #failing = false;
  #notes: string[] = [];
  #cpuSeconds: number | undefined;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  take(line: string): void {
    if (this.#takeDetails(line)) return;
    const subtest = /^( *)# Subtest: (.*)$/.exec(line);
    const point = pointPattern.exec(line);
    this.#pointIndent = point?.[1];
    if (subtest) this.#enter((subtest[1] ?? "").length / 4, subtest[2] ?? "");
    else if (point) this.#takePoint(point);
    else if (line.startsWith("Bail out!")) this.#note("failed", line);
    else this.#takeComment(line);
  }

  /** What a test itself has to say, such as the figures that it counted; and what its file has cost. */
  #takeComment(line: string): void {
    const cpu = /^ {4}# cpu=([\d.]+)s$/.exec(line)?.[1];
    if (cpu !== undefined) {
      this.#cpuSeconds = Number(cpu);
      return;
    }
    const comment = /^ +# (?!time=|\{ total:|Subtest)(.+)$/.exec(line)?.[1];
    if (comment !== undefined) this.#notes.push(`    ${comment}`);
  }

  end(): void {
    this.#flush();
  }

  #enter(depth: number, name: string): void {
    this.#open.length = depth;
    this.#open[depth] = { name, passed: this.passed, failed: this.failed, skipped: this.skipped };
  }

  #takePoint([, indent = "", not, title = "", directive, reason, time]: RegExpExecArray): void {
    const depth = indent.length / 4;
    const name = title.trim();
    const subtest = this.#open[depth];
    this.#open.length = depth;
    this.#failing = false;
    const counted = subtest !== undefined && this.#total(subtest) < this.#total(this);
    const failedWhole = not !== undefined && subtest?.failed === this.failed;
    if (!counted || failedWhole) this.#count({ ok: not === undefined, name, directive, reason });
    if (depth === 0) this.#closeFile(name, subtest, time);
  }

  #count({ ok, name, directive, reason }: Point): void {
    const path = [...this.#open.slice(1).map((subtest) => subtest.name), name].join(" > ");
    if (directive !== undefined)
      this.#note("skipped", `skipped: ${path}${reason ? ` (${reason})` : ""}`);
    else if (ok) this.passed++;
    else this.#note("failed", `FAILED: ${path}`);
    this.#failing = !ok && directive === undefined;
  }

  #note(counter: keyof Counts, text: string): void {
    this[counter]++;
    this.#notes.push(`    ${text}`);
  }

  #closeFile(name: string, before: Counts = none, time = ""): void {
    const counts = (["passed", "failed", "skipped"] as const)
      .map((counter) => ({ counter, count: this[counter] - before[counter] }))
      .filter(({ counter, count }) => count > 0 || counter === "passed");
    const file = name.replace(/^build\//, "").replace(/\.js$/, ".ts");
    const verdict = this.failed > before.failed ? "FAIL" : "ok  ";
    const text = counts.map(({ count, counter }) => `${count} ${counter}`).join(", ");
    const cost = this.#cpuSeconds === undefined ? "" : `, ${this.#cpuSeconds.toFixed(1)} s CPU`;
    this.#print(`${verdict} ${file}: ${text}${time && `, ${time}`}${cost}`);
    if (this.#cpuSeconds !== undefined) this.costs.push({ file, cpuSeconds: this.#cpuSeconds });
    this.#cpuSeconds = undefined;
    this.#flush();
  }

  #flush(): void {
    for (const note of this.#notes) this.#print(note);
    this.#notes = [];
  }

  /** Takes a point's YAML block whole, so that nothing in it is read as a point. */
  #takeDetails(line: string): boolean {
    if (this.#detailsIndent === undefined) {
      if (line !== `${this.#pointIndent}  ---`) return false;
      this.#detailsIndent = `${this.#pointIndent}  `;
      return true;
    }
    if (line === `${this.#detailsIndent}...`) this.#detailsIndent = undefined;
    else if (this.#failing) this.#notes.push(`    ${line.slice(this.#detailsIndent?.length)}`);
    return true;
  }

  #total({ passed, failed, skipped }: Counts): number {
    return passed + failed + skipped;
  }
}
