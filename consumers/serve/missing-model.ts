import type { Context } from "../plugin/context.js";

export interface MissingModelOptions {
  /** The model's name. */
  readonly model: string;
  /** Events that wait for it, at most. */
  readonly waitingMax: number;
}

/**
 * Tells that events wait for a model that has not been promoted, once, and once more when no more of them may: else a
 * consumer that publishes nothing looks like one that has nothing to do.
 */
export class MissingModel {
  readonly #options: MissingModelOptions;
  #isTold = false;
  #isFullTold = false;

  constructor(options: MissingModelOptions) {
    this.#options = options;
  }

  /** Events wait for it. In a replay that is how it was, and nothing can be done about it. */
  waits({ logger, replay }: Context): void {
    if (this.#isTold || replay) return;
    this.#isTold = true;
    const { model, waitingMax } = this.#options;
    logger.warn(
      { model, waitingMax },
      `events wait for a model: none that can be used was promoted as ${model} since this consumer's first event. ` +
        `\`fedbus model list ${model}\` tells which there are, and \`fedbus model promote ${model}@N\` lets one ` +
        'answer; with `missing: "pass"` events pass without a score',
    );
  }

  /** An event came for which there is no room. */
  isFull({ logger, replay }: Context): void {
    if (this.#isFullTold || replay) return;
    this.#isFullTold = true;
    const { model } = this.#options;
    logger.warn({ model }, `no further events can wait for the model ${model}: they pass unscored`);
  }
}
