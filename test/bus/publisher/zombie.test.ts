import t from "tap";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { Child } from "../child.js";
import { numbersIn } from "../oracle.js";
import { below, loops, seeded } from "../seed.js";
import { until } from "../turns.js";

const twinsNumber = 1_000_000;

t.test(
  "zombie: a stopped publisher whose twin took over stores nothing when it wakes",
  async (t) => {
    const random = seeded(t);
    const cycles = loops("FEDBUS_ZOMBIES", 3);
    let after = 0;
    let told = 0;
    for (let cycle = 0; cycle < cycles; cycle++) {
      const log = new MemoryLog();
      const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
      const options = { url: hub.url, producer: "app", topic: "a.b", from: 0, waitingMax: 500 };
      const zombie = await Child.start("publisher-child", options);
      const target = 1 + below(random, 3000);
      await until(() => log.head >= target);
      zombie.signal("SIGSTOP");
      const bus = await connect(hub.url);
      const twin = bus.publisher({ producer: "app" });
      const fence = await twin.publish("a.b", { n: twinsNumber });
      zombie.signal("SIGCONT");
      const refused = await zombie.message<{ code: string }>("refused");
      t.equal(refused.code, "PRODUCER_FENCED");
      told++;
      await twin.publish("a.b", { n: twinsNumber + 1 });
      const stored = await numbersIn(bus);
      for (const [n, offsets] of stored)
        if (n < twinsNumber && offsets.some((offset) => offset > fence)) after++;
      await zombie.kill();
      await bus.close();
      await hub.close();
    }
    t.comment(`${cycles} zombies, ${told} told, ${after} of their events stored after the fence`);
    t.equal(after, 0);
  },
);
