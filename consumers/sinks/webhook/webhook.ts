import { systemClock } from "../../../bus/kernel/clock.js";
import type { Delivery, Destination } from "../destination.js";
import { blame } from "../failures.js";
import type { HttpClient } from "../http/http-client.js";
import { clientFor, type HttpSurroundings, retryLimits } from "../http/http-options.js";
import { postUntilTaken, type RetryLimits } from "../http/retry.js";
import { Turns } from "../turns.js";
import { type Payload, payloadOfBatch, payloadOfOne } from "./payload.js";
import { Signer } from "./signature.js";
import { checkWebhookOptions, type WebhookOptions, webhookDefaults } from "./webhook-options.js";

/**
 * Posts events as JSON to a web address, signed as Standard Webhooks 1.0 says. At least once: a resend
 * has the same `webhook-id`. Throws OPTIONS_INVALID.
 */
export function webhook(options: WebhookOptions, surroundings: HttpSurroundings = {}): Destination {
  checkWebhookOptions(options);
  return new Webhook(options, surroundings);
}

class Webhook implements Destination {
  readonly #options: WebhookOptions & typeof webhookDefaults;
  readonly #url: URL;
  readonly #signer: Signer | undefined;
  readonly #client: HttpClient;
  readonly #limits: RetryLimits;
  readonly #around: { readonly clock: () => number; readonly random: () => number };
  readonly #turns: Turns;

  constructor(options: WebhookOptions, { clock, random, lookup }: HttpSurroundings) {
    this.#options = { ...webhookDefaults, ...options };
    this.#url = new URL(options.url);
    // Paths and queries of webhooks are often secrets themselves, so no message shows them.
    this.#turns = new Turns(`webhook ${this.#url.origin}`);
    this.#signer = options.secret === undefined ? undefined : new Signer([options.secret].flat());
    this.#client = clientFor(options, this.#options.requestsMax, lookup);
    this.#limits = retryLimits(options);
    this.#around = { clock: clock ?? systemClock, random: random ?? Math.random };
  }

  deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void> {
    return this.#turns.take(signal, () => this.#deliver(batch, signal));
  }

  close(): Promise<void> {
    return this.#turns.close(async () => this.#client.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void> {
    const requests = this.#cut(batch);
    let next = 0;
    const sender = async (): Promise<void> => {
      try {
        for (let part = requests[next++]; part !== undefined; part = requests[next++])
          await this.#send(part, signal);
      } finally {
        // After a failure nothing more is begun: all of the batch will be sent again.
        next = requests.length;
      }
    };
    const senders = Array.from({ length: this.#options.requestsMax }, sender);
    const outcomes = await Promise.allSettled(senders);
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (failure !== undefined) throw failure.reason;
  }

  #cut(batch: readonly Delivery[]): readonly (readonly Delivery[])[] {
    const size = this.#options.send === "one" ? 1 : this.#options.requestEventsMax;
    const count = Math.ceil(batch.length / size);
    return Array.from({ length: count }, (_, at) => batch.slice(at * size, (at + 1) * size));
  }

  async #send(part: readonly Delivery[], signal: AbortSignal): Promise<void> {
    const one = this.#options.send === "one";
    const payload = one ? payloadOfOne(part[0]!) : payloadOfBatch(part);
    const post = () => this.#client.post(this.#url, this.#headers(payload), payload.text, signal);
    const where = `webhook ${this.#url.origin}`;
    try {
      await postUntilTaken(where, post, this.#limits, this.#around, signal);
    } catch (error) {
      throw one ? blame(error, part[0]!.offset) : error;
    }
  }

  #headers({ id, text }: Payload): Record<string, string> {
    const seconds = Math.floor(this.#around.clock() / 1000);
    return {
      "user-agent": "fedbus",
      ...this.#options.headers,
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(seconds),
      ...(this.#signer && { "webhook-signature": this.#signer.sign(id, seconds, text) }),
    };
  }
}
