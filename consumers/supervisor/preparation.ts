import type { EventSource, StartAt } from "../../bus/index.js";
import { checkOptions } from "../../bus/kernel/options.js";
import { FedbusError } from "../../schemas/index.js";
import type { Current } from "../home/home.js";
import type { Registration } from "../home/registration.js";
import { describe } from "./describe.js";
import { homeOf, type NamedHome, removeOtherGenerations } from "./folder.js";
import { supervisorLimits } from "./limits.js";
import type { Description } from "./messages.js";
import type { SupervisorOptions } from "./options.js";
import { type Ownership, takeOwnership } from "./ownership.js";
import { startOffset } from "./start-offset.js";

/** Processes that one consumer may have. */
export const parallelismMax = 64;

/** Throws OPTIONS_INVALID unless so many processes can share the consumer's work. */
function checkParallelism(parallelism: number | undefined, { name, keyed }: Description): void {
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

/** What is run now; the start stays the one of the consumer's first run. */
async function registrationOf(
  { path, version, topics }: Description,
  before: Registration | undefined,
  options: {
    readonly source: EventSource;
    readonly from?: StartAt;
    readonly config?: unknown;
  },
): Promise<Registration> {
  const { source, from = "earliest", config = {} } = options;
  const startAt = before?.startAt ?? (await startOffset(source, from));
  const paused = before?.paused ?? false;
  return { path, version, config, topics, startAt, paused };
}

/** The generation that counts, the first one for a consumer that has never run; with what is run now. */
async function registered(
  { home }: NamedHome,
  description: Description,
  options: SupervisorOptions,
): Promise<Registered> {
  const before = await home.current();
  const registration = await registrationOf(description, before?.registration, options);
  const first = { generation: 1, parallelism: options.parallelism ?? 1 };
  const current = { ...(before ?? first), registration };
  await home.switchTo(current);
  await removeOtherGenerations(home);
  return current;
}

/** A generation that a supervisor runs. */
export type Registered = Current & Required<Pick<Current, "registration">>;

/** A consumer that is taken, and what is known of it before it begins. */
export interface Prepared {
  readonly consumer: NamedHome;
  readonly description: Description;
  readonly ownership: Ownership;
  readonly current: Registered;
}

/** Throws OPTIONS_INVALID. */
function checkLimits(limits: object = {}): void {
  const counts = Object.keys(supervisorLimits).map((name) => [name, "count"] as const);
  checkOptions("limits of a consumer's processes", limits, Object.fromEntries(counts));
}

/** Has the plugin describe itself, and takes the consumer. Rejects as `Supervisor.open` does. */
export async function prepare(options: SupervisorOptions): Promise<Prepared> {
  const { plugin, cwd, config = {}, env = {}, dir, limits, parallelism, logger, signal } = options;
  checkLimits(limits);
  const request = { plugin, from: cwd, config };
  const around = { env, cwd, ...(logger && { logger }), ...(signal && { signal }) };
  const description = await describe(request, around, { ...supervisorLimits, ...limits });
  checkParallelism(parallelism, description);
  const consumer = homeOf(dir, options.name ?? description.name);
  const ownership = await takeOwnership(consumer);
  try {
    const current = await registered(consumer, description, options);
    return { consumer, description, ownership, current };
  } catch (error) {
    await ownership.release();
    throw error;
  }
}
