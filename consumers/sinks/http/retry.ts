import { setTimeout as pause } from "node:timers/promises";
import { Backoff } from "../../../bus/kernel/backoff.js";
import { type FedbusError, isFedbusError } from "../../../schemas/errors.js";
import { deliveryFailed, deliveryRefused, reasonOf } from "../failures.js";
import type { Answer } from "./http-client.js";

export interface RetryLimits {
  /** Attempts in all. */
  readonly attemptsMax: number;
  /** Bound of the first wait; each next one doubles. */
  readonly delayMs: number;
  /** Bound of any wait. */
  readonly delayMsMax: number;
  /** The longest `Retry-After` that is obeyed; a longer one is cut to this. */
  readonly retryAfterMsMax: number;
}

/**
 * Posts until the server takes it. Waits have full jitter (Brooker, "Exponential Backoff And Jitter", AWS
 * 2015), and come after what the server asks for by `Retry-After`. Rejects with DELIVERY_REFUSED at once, with DELIVERY_FAILED
 * after the last attempt, and with what the guard threw.
 */
export async function postUntilTaken(
  where: string,
  post: () => Promise<Answer>,
  limits: RetryLimits,
  around: { readonly random: () => number; readonly clock: () => number },
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(limits.delayMs, limits.delayMsMax, around.random);
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(where, post, signal);
    if (outcome === undefined) return;
    if (attempt >= limits.attemptsMax) throw outcome.error;
    const waitMs = Math.min(retryAfterMs(outcome.answer, around.clock()), limits.retryAfterMsMax);
    if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => {});
    // Also after what the server asked for: it asked others for the same.
    await backoff.wait(signal);
    if (signal.aborted) throw outcome.error;
  }
}

interface MayPass {
  readonly error: FedbusError;
  readonly answer?: Answer;
}

/** Undefined once taken; throws what no further attempt can change. */
async function attemptOnce(
  where: string,
  post: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<MayPass | undefined> {
  let answer: Answer;
  try {
    answer = await post();
  } catch (error) {
    if (isFedbusError(error)) throw error;
    if (signal.aborted)
      throw deliveryFailed(`${where}: the delivery was broken off`, {}, signal.reason);
    return { error: deliveryFailed(`${where}: ${reasonOf(error)}`, {}, error) };
  }
  const { status } = answer;
  if (status >= 200 && status <= 299) return undefined;
  const details = { status, answer: answer.body };
  if (mayPass(status))
    return { error: deliveryFailed(`${where}: HTTP ${status}`, details), answer };
  const why = status >= 300 && status <= 399 ? ", and redirects are not followed" : "";
  throw deliveryRefused(`${where}: HTTP ${status}${why}`, details);
}

/** Timeouts, too early, too many, and the server's own failures, except those that say "never". */
function mayPass(status: number): boolean {
  if (status === 408 || status === 425 || status === 429) return true;
  return status >= 500 && status !== 501 && status !== 505;
}

/** RFC 9110, 10.2.3: whole seconds, or a date; 0 where the server asks for nothing. */
function retryAfterMs(answer: Answer | undefined, now: number): number {
  const value = answer?.headers["retry-after"];
  if (value === undefined) return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
