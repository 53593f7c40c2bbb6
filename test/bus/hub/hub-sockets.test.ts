import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { HubSockets } from "../../../bus/hub/hub-sockets.js";
import { openRouter, type Router } from "../../../bus/wire/sockets.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { until } from "../turns.js";

/** All the sockets that this process may still open. */
function takeAll(): Router[] {
  const taken: Router[] = [];
  try {
    for (;;) taken.push(openRouter());
  } catch (error) {
    if (isFedbusError(error, "CONNECTION_LIMIT")) return taken;
    throw error;
  }
}

t.test("hub sockets: a process without room for both says so, and keeps neither", async (t) => {
  const listen = "tcp://127.0.0.1:0";
  const taken = takeAll();
  t.ok(taken.length > 100);
  const limit = { code: "CONNECTION_LIMIT" };
  await t.rejects(HubSockets.bind({ listen, broadcast: listen }), limit);
  taken.pop()!.close();
  // ZeroMQ gives a socket's place back a moment after it was closed.
  for (let round = 0; round < 10; round++) {
    await until(() => {
      const free = takeAll();
      for (const socket of free) socket.close();
      return free.length === 1;
    });
    await sleep(5);
    await t.rejects(HubSockets.bind({ listen, broadcast: listen }), limit, "room for one");
  }
  for (const socket of taken) socket.close();
});
