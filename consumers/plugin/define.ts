import type { BusEvent } from "../../bus/index.js";
import { checkPattern, FedbusError } from "../../schemas/index.js";
import type { Consumer, Handlers, OnFailure, Setup, WatermarkOptions } from "./consumer.js";

/** What a plugin's author writes. */
export interface ConsumerSpec<Config = unknown> extends Partial<Handlers<Config>> {
  /** `[a-z0-9-]+`, at most 64 characters. */
  readonly name: string;
  /** Default "0". */
  readonly version?: string;
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  /** JSON Schema of the configuration, an object. Default: there is none to give. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Divides events and state by key, so that several processes can share the work. */
  readonly key?: (event: BusEvent, config: Config) => string | undefined;
  readonly watermark?: WatermarkOptions | ((config: Config) => WatermarkOptions);
  /** Default "dead-letter". */
  readonly onFailure?: OnFailure;
  /** Default 5. */
  readonly attemptsMax?: number;
  /** Makes the handlers, for those that hold something in memory. Instead of `handle`. */
  create?(setup: Setup<Config>): Handlers<Config>;
}

const nameGrammar = /^[a-z0-9][a-z0-9-]{0,63}$/;
const noConfig = { type: "object", additionalProperties: false } as const;
const known: ReadonlySet<string> = new Set([
  ...["name", "version", "topics", "config", "key", "watermark", "onFailure", "attemptsMax"],
  ...["create", "handle", "timer", "prefetch", "flush", "close"],
]);

/** A consumer of the lowest level: all other kinds are made of it. Throws OPTIONS_INVALID. */
export function consumer<Config = unknown>(spec: ConsumerSpec<Config>): Consumer<Config> {
  const problems = problemsOf(spec);
  if (problems.length > 0)
    throw new FedbusError("OPTIONS_INVALID", `consumer: ${problems.join("; ")}`, {
      details: { problems },
    });
  const { name, version = "0", topics, config = noConfig, key, watermark = {} } = spec;
  const { onFailure = "dead-letter", attemptsMax = 5, create } = spec;
  const { handle, timer, prefetch, flush, close } = spec;
  return {
    name,
    version,
    config,
    keyed: key !== undefined,
    onFailure,
    attemptsMax,
    topics: typeof topics === "function" ? topics : () => topics,
    keyOf: key ?? (() => undefined),
    watermark: typeof watermark === "function" ? watermark : () => watermark,
    create:
      create === undefined
        ? () => ({
            handle: handle!,
            ...(timer && { timer }),
            ...(prefetch && { prefetch }),
            ...(flush && { flush }),
            ...(close && { close }),
          })
        : (setup) => create(setup),
  };
}

/** Whether a module's export is a consumer. */
export function isConsumer(value: unknown): value is Consumer {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Consumer).create === "function" &&
    typeof (value as Consumer).topics === "function" &&
    nameGrammar.test((value as Consumer).name)
  );
}

function problemsOf(spec: ConsumerSpec<never>): string[] {
  if (typeof spec !== "object" || spec === null) return ["it takes one object"];
  const problems = Object.keys(spec)
    .filter((key) => !known.has(key))
    .map((key) => `${key} is not an option`);
  if (typeof spec.name !== "string" || !nameGrammar.test(spec.name))
    problems.push("name must be lower-case letters, digits and dashes, 64 at most");
  const { topics, create, handle, attemptsMax = 1, onFailure = "halt" } = spec;
  problems.push(...problemsOfTopics(topics));
  if ((create === undefined) === (handle === undefined))
    problems.push("it needs either handle or create");
  if (!Number.isSafeInteger(attemptsMax) || attemptsMax < 1)
    problems.push("attemptsMax must be a whole number, 1 or more");
  if (onFailure !== "halt" && onFailure !== "dead-letter")
    problems.push("onFailure must be dead-letter or halt");
  return problems;
}

function problemsOfTopics(topics: unknown): string[] {
  if (typeof topics === "function") return [];
  if (!Array.isArray(topics) || topics.length === 0)
    return ["topics must be a list of topic patterns, or a function of the configuration"];
  return topics.flatMap((pattern: string) => {
    try {
      checkPattern(pattern);
      return [];
    } catch (error) {
      return [`topics: ${(error as Error).message}`];
    }
  });
}
