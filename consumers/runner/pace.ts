/** Longest time that a run keeps its process to itself, ms, about. */
const turnMs = 20;
/** Looking at the clock costs more than most of what is done between. */
const stepsPerLook = 16;

/** Tells when it is time to let other work of the process have its turn. */
export class Pace {
  #steps = 0;
  #since = performance.now();

  /** To be asked once a step. */
  get isLong(): boolean {
    if (++this.#steps % stepsPerLook !== 0) return false;
    return performance.now() - this.#since > turnMs;
  }

  begin(): void {
    this.#since = performance.now();
  }
}
