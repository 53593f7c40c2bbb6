import { parentPort, workerData } from "node:worker_threads";
import { FedbusError, isFedbusError } from "./errors.js";
import { SchemaRegistry } from "./registry.js";
import { SchemaCompiler } from "./schema-compiler.js";
import type { SchemaDefinition } from "./schema-definition.js";
import type { VetMessage } from "./vet.js";
import { probesFor } from "./vet-probes.js";

/** The worker of `vetSchema`: compiles and tries the schema it was given, and says how that went. */
function vet(definition: SchemaDefinition): VetMessage {
  try {
    const registry = new SchemaRegistry();
    const { name, schema } = registry.register(definition);
    const { validate } = registry.named(name);
    for (const probe of probesFor(schema)) validate(probe);
    return "passed";
  } catch (error) {
    const known = isFedbusError(error) ? error : new FedbusError("INTERNAL", String(error));
    return known.toJSON();
  }
}

/** Has all loaded that a schema needs: what it may take is for its own work. */
function prepare(): void {
  new SchemaCompiler().compile({ pattern: "^[a-z]+$" }, "2020-12");
}

prepare();
parentPort?.postMessage("ready" satisfies VetMessage);
parentPort?.postMessage(vet(workerData as SchemaDefinition));
