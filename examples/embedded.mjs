// A bus inside one process: no sockets, a durable log in a directory.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFedbusError, openBus } from "fedbus";

const bus = await openBus({ dir: await mkdtemp(join(tmpdir(), "fedbus-")) });

await bus.registerSchema({
  name: "shop.order",
  version: 1,
  topics: ["shop.order.*"],
  schema: {
    type: "object",
    required: ["id", "total"],
    properties: { id: { type: "integer" }, total: { type: "number", minimum: 0 } },
  },
});

const publisher = bus.publisher();
const offset = await publisher.publish("shop.order.created", { id: 1, total: 9.5 });
console.log(`stored at offset ${offset}`);

try {
  await publisher.publish("shop.order.created", { id: 2, total: -1 });
} catch (error) {
  if (!isFedbusError(error, "SCHEMA_VIOLATION")) throw error;
  console.log(`refused: ${error.message}`);
}

for await (const event of bus.query({ patterns: "shop.#" }))
  console.log(event.offset, event.topic, JSON.stringify(event.msg));

await bus.close(); // in TypeScript, and from Node 24 on: `await using bus = ...`
