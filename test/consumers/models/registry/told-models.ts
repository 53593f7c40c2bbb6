import { createHash } from "node:crypto";
import type { Bus } from "../../../../bus/index.js";

export const fileOf = (text: string): Buffer => Buffer.from(`model ${text}`);
export const shaOf = (text: string): string =>
  createHash("sha256").update(fileOf(text)).digest("hex");

/** The body of `models.NAME.trained`, as far as commands look at it. */
export function lineageOf(name: string, version: number, more: object = {}): object {
  return {
    ...{
      name,
      version,
      kind: "logistic",
      task: "binary",
      classes: [false, true],
      rows: 1000 * version,
    },
    features: { columns: ["amount", "hour"] },
    inputs: [{ topic: "shop.order", schema: "order", version: 2 }],
    offsets: { from: 0, to: 1000 * version },
    metrics: { rows: 1000, auc: 0.8 + version / 100, logLoss: 0.5, calibration: [] },
    baseline: { rule: "rate", rows: 1000, auc: 0.5, logLoss: 0.69 },
    hyper: { rate: 0.1, l2: 0.001 * version },
    seed: 7,
    plugin: { name, version: "1", code: "ab".repeat(32) },
    runtime: {
      fedbus: "0.1.0",
      node: "20.20.2",
      onnxruntime: "1.30.0",
      platform: "linux",
      arch: "x64",
    },
    ...more,
  };
}

/** Puts a file and tells that a model was trained, as a consumer would. */
export async function tellTrained(bus: Bus, name: string, version: number, more: object = {}) {
  const bytes = fileOf(`${name} ${version}`);
  const sha256 = await bus.blobs.put(bytes);
  await using publisher = bus.publisher();
  const cause = { consumer: name, version: "1", offset: 10 * version };
  const body = { ...lineageOf(name, version, more), sha256, bytes: bytes.length };
  await publisher.publish(`models.${name}.trained`, body, { headers: { cause } });
  return sha256;
}
