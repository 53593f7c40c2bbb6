import { setInterval as ticks } from "node:timers/promises";
import type { Bus } from "../../bus/index.js";
import { demoSchemas } from "./schemas.js";
import { Telemetry } from "./telemetry.js";

const periodMs = 1_000;

/** Registers the demo's schemas and publishes this machine's telemetry until `signal` aborts. */
export async function runDemo(
  bus: Bus,
  options: { readonly dir: string; readonly signal: AbortSignal },
): Promise<void> {
  const { dir, signal } = options;
  const known = new Set((await bus.schemas()).map(({ name, version }) => `${name}@${version}`));
  for (const schema of demoSchemas)
    if (!known.has(`${schema.name}@${schema.version}`)) await bus.registerSchema(schema);
  const telemetry = new Telemetry(dir);
  await using publisher = bus.publisher({ producer: "fedbus-demo", sourceName: "fedbus-demo" });
  try {
    for await (const _ of ticks(periodMs, undefined, { signal }))
      await publisher.publishMany(await telemetry.sample());
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    telemetry.stop();
  }
}
