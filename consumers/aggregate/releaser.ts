import type { Context } from "../plugin/context.js";
import type { Release } from "./keyed-shape.js";
import type { Outlet } from "./outlet.js";

/** Publishes what a shape releases, for the key that is being handled. One for all, so that none is made for each event. */
export class Releaser {
  readonly #outlet: Outlet;
  #key = "";
  #context: Context | undefined;

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  /** To be called before anything is released. */
  about(key: string, context: Context): void {
    this.#key = key;
    this.#context = context;
  }

  readonly release = (result: Release): void => {
    this.#outlet.result(this.#key, result, this.#context!);
  };
}
