// A publisher with a spool: what it publishes is on its own disk first, so neither its restart nor a
// hub that is away loses anything.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, openBus } from "fedbus";

const home = await mkdtemp(join(tmpdir(), "fedbus-"));
const port = 20_000 + ((process.pid + 7_000) % 20_000);
const listen = `tcp://127.0.0.1:${port}`;
let hub = await openBus({ dir: join(home, "log"), listen });

const bus = await connect(listen);
const publisher = bus.publisher({ producer: "meter-7", spool: join(home, "spool") });
console.log("stored at", await publisher.publish("meters.7.reading", { kwh: 1 }));

await hub.close();
const later = publisher.publish("meters.7.reading", { kwh: 2 });
console.log("the hub is away; the reading waits in the spool");
hub = await openBus({ dir: join(home, "log"), listen });
console.log("stored at", await later);

await bus.close();
await hub.close();
