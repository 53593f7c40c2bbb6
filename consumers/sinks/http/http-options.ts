import type { LookupFunction } from "node:net";
import { isFedbusError } from "../../../schemas/index.js";
import {
  flag,
  listOf,
  optional,
  type Rule,
  type Rules,
  text,
  whole,
} from "../../plugin/option-rules.js";
import type { Surroundings } from "../destination.js";
import { AddressGuard, hostOrNetwork } from "./address-guard.js";
import { HttpClient } from "./http-client.js";
import type { RetryLimits } from "./retry.js";

/** What a destination over HTTP takes from its surroundings. */
export interface HttpSurroundings extends Surroundings {
  /** Resolves names, as `dns.lookup`. Default: the system's. */
  readonly lookup?: LookupFunction;
}

/** What every destination over HTTP takes. */
export interface HttpOptions {
  /** Where to post to. https, unless `allowHttp`. No user name or password: use `headers`. */
  readonly url: string;
  /** Further headers, such as `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Hosts, addresses and networks (CIDR) to reach although they are not public. Default: none. */
  readonly allow?: readonly string[];
  /** Whether plain http may be used. Default: false. */
  readonly allowHttp?: boolean;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string;
  /** For one attempt, its answer included. Default: 30,000 ms. */
  readonly timeoutMs?: number;
  /** Attempts in one delivery. Default: 5. */
  readonly attemptsMax?: number;
  /** Bound of the first wait between attempts; it doubles with each. Default: 500 ms. */
  readonly delayMs?: number;
  /** Bound of any wait between attempts. Default: 30,000 ms. */
  readonly delayMsMax?: number;
  /** The longest `Retry-After` that is obeyed. Default: 60,000 ms. */
  readonly retryAfterMsMax?: number;
  /** How much of an answer is read. Default: 64 KiB. */
  readonly answerBytesMax?: number;
}

/** Defaults of every destination over HTTP. */
export const httpDefaults = Object.freeze({
  timeoutMs: 30_000,
  attemptsMax: 5,
  delayMs: 500,
  delayMsMax: 30_000,
  retryAfterMsMax: 60_000,
  answerBytesMax: 64 * 1024,
});

const timerMsMax = 2 ** 31 - 1;

const url: Rule = (value) => {
  if (typeof value !== "string" || !URL.canParse(value))
    return "must be an address such as https://example.com/hook";
  const { protocol, username, password } = new URL(value);
  if (protocol !== "https:" && protocol !== "http:") return "must start with https://";
  return username === "" && password === "" ? undefined : "must not hold a user name or password";
};

/** Those that the destination or HTTP itself sets. */
const ownHeaders =
  /^(?:webhook-.*|content-length|content-type|host|connection|transfer-encoding|upgrade|te|trailer|expect)$/i;

const headers: Rule = (value) => {
  if (typeof value !== "object" || value === null) return "must be an object of texts";
  const wrong = Object.entries(value).find(
    ([name, header]) =>
      !/^[\w!#$%&'*+.^`|~-]+$/.test(name) ||
      ownHeaders.test(name) ||
      typeof header !== "string" ||
      !/^[\t\x20-\x7e]*$/.test(header),
  );
  return wrong === undefined ? undefined : `must not hold ${wrong[0]}, or not with this value`;
};

export const httpRules: Rules<HttpOptions> = {
  url,
  headers: optional(headers),
  allow: optional(listOf(hostOrNetwork)),
  allowHttp: optional(flag),
  ca: optional(text),
  timeoutMs: optional(whole(1, timerMsMax)),
  attemptsMax: optional(whole(1, 100)),
  delayMs: optional(whole(0, timerMsMax)),
  delayMsMax: optional(whole(0, timerMsMax)),
  retryAfterMsMax: optional(whole(0, timerMsMax)),
  answerBytesMax: optional(whole(0, 16 * 1024 * 1024)),
};

/** The limits of checked options. */
export function retryLimits(options: HttpOptions): RetryLimits {
  const { attemptsMax, delayMs, delayMsMax, retryAfterMsMax } = { ...httpDefaults, ...options };
  return { attemptsMax, delayMs, delayMsMax, retryAfterMsMax };
}

/** What keeps `url` from ever being reached, as far as it shows before its name is resolved. */
export function addressProblems(options: HttpOptions): string[] {
  const { url, allow, allowHttp } = httpRules;
  const isChecked = [url(options.url), allow(options.allow), allowHttp(options.allowHttp)];
  if (isChecked.some((problem) => problem !== undefined)) return [];
  try {
    guardOf(options).check(new URL(options.url));
    return [];
  } catch (error) {
    if (!isFedbusError(error, "DESTINATION_FORBIDDEN")) throw error;
    return [`url ${error.message}`];
  }
}

/** The client that checked options ask for. `lookup` resolves names; default: the system's. */
export function clientFor(
  options: HttpOptions,
  connectionsMax: number,
  lookup?: LookupFunction,
): HttpClient {
  const { ca, timeoutMs, answerBytesMax } = { ...httpDefaults, ...options };
  const guard = guardOf(options, lookup);
  return new HttpClient({ guard, timeoutMs, answerBytesMax, connectionsMax, ca });
}

function guardOf({ allow, allowHttp }: HttpOptions, lookup?: LookupFunction): AddressGuard {
  return new AddressGuard({
    ...(allow !== undefined && { allow }),
    ...(allowHttp !== undefined && { allowHttp }),
    ...(lookup !== undefined && { lookup }),
  });
}
