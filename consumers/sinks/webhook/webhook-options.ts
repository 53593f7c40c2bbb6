import { refuse } from "../../../bus/kernel/options.js";
import {
  flag,
  listOf,
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  whole,
} from "../../plugin/option-rules.js";
import { addressProblems, type HttpOptions, httpRules } from "../http/http-options.js";
import { secret } from "./signature.js";

export interface WebhookOptions extends HttpOptions {
  /** What to sign with: `whsec_...`; several while one is being replaced. */
  readonly secret?: string | readonly string[];
  /** Says that requests shall go out unsigned. Default: false, and then `secret` is needed. */
  readonly unsigned?: boolean;
  /** A request for each event (`"one"`), or for many, as an array (`"batch"`). Default: `"one"`. */
  readonly send?: "one" | "batch";
  /** Events in a request of `send: "batch"`. Default: 100. */
  readonly requestEventsMax?: number;
  /** Requests at a time. Past 1, events may arrive out of order. Default: 1. */
  readonly requestsMax?: number;
}

/** Defaults of `webhook`. */
export const webhookDefaults: Readonly<
  Required<Pick<WebhookOptions, "send" | "requestEventsMax" | "requestsMax">>
> = Object.freeze({ send: "one", requestEventsMax: 100, requestsMax: 1 });

const secrets: Rule = (value) => (Array.isArray(value) ? listOf(secret)(value) : secret(value));

const rules: Rules<WebhookOptions> = {
  ...httpRules,
  secret: optional(secrets),
  unsigned: optional(flag),
  send: optional(oneOf("one", "batch")),
  requestEventsMax: optional(whole(1, 10_000)),
  requestsMax: optional(whole(1, 64)),
};

/** Throws OPTIONS_INVALID that names every problem. */
export function checkWebhookOptions(options: WebhookOptions): void {
  const problems = problemsByRules(options, rules);
  if (typeof options === "object" && options !== null) problems.push(...addressProblems(options));
  if (options?.secret === undefined && options?.unsigned !== true)
    problems.push("secret is needed, or unsigned: true");
  if (options?.secret !== undefined && options?.unsigned === true)
    problems.push("secret and unsigned: true exclude each other");
  refuse("webhook", problems);
}
