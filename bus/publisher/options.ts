import { FedbusError } from "../../schemas/errors.js";
import type { PublisherOptions } from "../bus.js";

/** Defaults of a publisher. */
export const publisherDefaults: Readonly<
  Record<
    "batchEventsMax" | "batchBytesMax" | "windowBatchesMax" | "queueBytesMax" | "timeoutMs",
    number
  >
> = Object.freeze({
  batchEventsMax: 1000,
  batchBytesMax: 256 * 1024,
  windowBatchesMax: 8,
  queueBytesMax: 64 * 1024 * 1024,
  timeoutMs: 30_000,
});

/** The least and the most of `windowBatchesMax`. */
export const windowBatchesBounds = [1, 32] as const;

const bounds: Readonly<Record<keyof typeof publisherDefaults, readonly [number, number]>> = {
  batchEventsMax: [1, 10_000],
  // It may exceed this by one event and 16 KiB: together far below what the hub takes.
  batchBytesMax: [1, 512 * 1024],
  windowBatchesMax: windowBatchesBounds,
  queueBytesMax: [1, 2 ** 31],
  timeoutMs: [1, 2 ** 31 - 1],
};

const texts = ["producer", "spool", "username", "sourceName", "sourceVersion"] as const;

export type CheckedOptions = PublisherOptions & typeof publisherDefaults;

/** The options with their defaults. Throws OPTIONS_INVALID that names every problem. */
export function checkPublisherOptions(options: PublisherOptions): CheckedOptions {
  const checked = { ...publisherDefaults, ...options };
  const problems: string[] = [];
  for (const [name, [least, most]] of Object.entries(bounds)) {
    const value = checked[name as keyof typeof bounds];
    if (!Number.isSafeInteger(value) || value < least || value > most)
      problems.push(`${name} must be a whole number from ${least} to ${most}`);
  }
  for (const name of texts)
    if (options[name] !== undefined && typeof options[name] !== "string")
      problems.push(`${name} must be a string`);
  if (typeof options.producer === "string" && !/^.{1,100}$/s.test(options.producer))
    problems.push("producer must have 1 to 100 characters");
  if (options.signer !== undefined && typeof options.signer.sign !== "function")
    problems.push("signer must be what `NativeSigner`, `X509Signer` or `KeyFiles` makes");
  for (const name of Object.keys(options))
    if (name !== "signer" && !(name in bounds) && !(texts as readonly string[]).includes(name))
      problems.push(`${name} is not an option`);
  if (options.spool !== undefined && options.producer === undefined)
    problems.push("spool needs producer: a lasting name that a restart is recognised by");
  if (problems.length > 0)
    throw new FedbusError("OPTIONS_INVALID", `publisher: ${problems.join("; ")}`, {
      details: { problems },
    });
  return checked;
}
