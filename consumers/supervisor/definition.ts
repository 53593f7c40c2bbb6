import type { Logger } from "../../bus/index.js";
import type { Registration } from "../home/registration.js";
import { describe } from "./describe.js";
import type { NamedHome } from "./folder.js";
import type { SupervisorLimits } from "./limits.js";
import type { Description } from "./messages.js";
import type { SupervisorOptions } from "./options.js";
import type { Prepared, Registered } from "./preparation.js";

/** What there is to run: what the plugin says of itself, and what is registered on disk. */
export class Definition {
  readonly #home: NamedHome["home"];
  #description: Description;
  #current: Registered;

  constructor({ consumer, description, current }: Prepared) {
    this.#home = consumer.home;
    this.#description = description;
    this.#current = current;
  }

  get description(): Description {
    return this.#description;
  }

  /** The generation that counts, as of the last look. */
  get current(): Registered {
    return this.#current;
  }

  /** Sees which generation counts by now, and what is registered. */
  async look(): Promise<void> {
    this.#current = { ...this.#current, ...(await this.#home.current()) };
  }

  async register(change: Partial<Registration>): Promise<void> {
    await this.#home.register({ ...this.#current.registration, ...change });
    await this.look();
  }

  /** Asks the plugin that is registered now, which may be another one, or another version. Rejects as `describe` does. */
  async askAnew(
    { env = {}, cwd }: SupervisorOptions,
    limits: SupervisorLimits,
    about: { readonly logger: Logger; readonly signal: AbortSignal },
  ): Promise<void> {
    await this.look();
    const { path, config } = this.#current.registration;
    // Also if it cannot be asked: the one before must not run over another one's state.
    this.#description = { ...this.#description, path };
    const request = { plugin: path, from: cwd, config };
    this.#description = await describe(request, { env, cwd, ...about }, limits);
    const { version, topics } = this.#description;
    await this.register({ version, topics });
  }
}
