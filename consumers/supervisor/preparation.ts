import type { EventSource, StartAt } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { Current } from "../home/home.js";
import { type NamedHome, removeOtherGenerations } from "./folder.js";
import type { Description } from "./messages.js";
import { type Registration, readRegistration, writeRegistration } from "./registration.js";
import { startOffset } from "./start-offset.js";

/** Processes that one consumer may have. */
export const parallelismMax = 64;

/** Throws OPTIONS_INVALID unless so many processes can share the consumer's work. */
export function checkParallelism(
  parallelism: number | undefined,
  { name, keyed }: Description,
): void {
  if (parallelism === undefined || parallelism === 1) return;
  const wrong = (message: string, remedy: string): FedbusError =>
    new FedbusError("OPTIONS_INVALID", message, { details: { parallelism, remedy } });
  if (!(Number.isSafeInteger(parallelism) && parallelism > 1 && parallelism <= parallelismMax))
    throw wrong(
      `${parallelism} processes cannot share the work`,
      `parallelism is a whole number from 1 to ${parallelismMax}`,
    );
  if (!keyed)
    throw wrong(
      `${name} has no key to divide its work by`,
      "give the consumer a `key`, or run it in one process",
    );
}

/** Notes what is run now; the start stays the one of the consumer's first run. */
export async function register(
  { home }: NamedHome,
  { path, version, topics }: Description,
  options: {
    readonly source: EventSource;
    readonly from?: StartAt;
    readonly config?: unknown;
  },
): Promise<Registration> {
  const { source, from = "earliest", config = {} } = options;
  const before = await readRegistration(home);
  const startAt = before?.startAt ?? (await startOffset(source, from));
  const paused = before?.paused ?? false;
  const registration = { path, version, config, topics, startAt, paused };
  await writeRegistration(home, registration);
  return registration;
}

/** The generation that counts; the first one for a consumer that has never run. */
export async function firstOrCurrent({ home }: NamedHome, parallelism: number): Promise<Current> {
  const current = await home.current();
  if (current !== undefined) {
    await removeOtherGenerations(home);
    return current;
  }
  const first = { generation: 1, parallelism };
  await home.switchTo(first);
  return first;
}
