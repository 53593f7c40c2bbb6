import { parentPort, workerData } from "node:worker_threads";
import { FedbusError, isFedbusError } from "./errors.js";
import { SchemaRegistry } from "./registry.js";
import type { SchemaDefinition } from "./schema-definition.js";
import type { VetMessage } from "./vet.js";

/** The worker of `vetSchema`: compiles the schema it was given, and says how that went. */
function vet(): VetMessage {
  try {
    new SchemaRegistry().register(workerData as SchemaDefinition);
    return "passed";
  } catch (error) {
    const known = isFedbusError(error) ? error : new FedbusError("INTERNAL", String(error));
    return known.toJSON();
  }
}

parentPort?.postMessage("ready" satisfies VetMessage);
parentPort?.postMessage(vet());
