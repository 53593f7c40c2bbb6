import t from "tap";
import type { Block } from "../../../bus/block/block.js";
import { encodeEnvelopes } from "../../../bus/block/encode-batch.js";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { numbersIn, tally } from "../oracle.js";
import { freeUrl } from "../ports.js";
import { TcpProxy } from "../proxy.js";
import { below, loops, seeded } from "../seed.js";
import { until } from "../turns.js";

t.test("lost acks: every retry gets the first answer, and nothing is stored twice", async (t) => {
  const random = seeded(t);
  const url = await freeUrl();
  const log = new MemoryLog();
  const hub = await Hub.open(log, { listen: url });
  const proxy = await TcpProxy.open(hub.url);
  const bus = await connect(proxy.url);
  const publisher = bus.publisher({ producer: "app", batchEventsMax: 100, windowBatchesMax: 32 });
  await publisher.publish("a.b", { n: -1 });
  const acked = new Map<number, number>();
  let sent = 0;
  let retried = 0;
  const rounds = loops("FEDBUS_ACK_ROUNDS", 12);
  for (let round = 0; round < rounds; round++) {
    // The hub's answers vanish; what it has stored by the cut is what must be sent again.
    proxy.passToClient = () => false;
    const count = 500 + below(random, 2000);
    const answers = Array.from({ length: count }, () => {
      const n = sent++;
      return publisher.publish("a.b", { n }).then((offset) => acked.set(n, offset));
    });
    const before = log.head;
    const target = before + 1 + below(random, count);
    await until(() => log.head >= target);
    retried += log.head - before;
    proxy.cut();
    proxy.passToClient = () => true;
    await Promise.all(answers);
  }
  const stored = await numbersIn(bus);
  const { lost, doubled, moved } = tally(stored, acked);
  t.comment(
    `${sent} events, ${retried} stored without an ack and retried: ${lost} lost, ${doubled} doubled`,
  );
  t.same(
    { lost, doubled, moved, head: log.head },
    { lost: 0, doubled: 0, moved: 0, head: sent + 1 },
  );
  t.ok(retried >= rounds);
  await bus.close();
  await proxy.close();
  await hub.close();
});

t.test("lost acks: batches out of sequence leave nothing behind", async (t) => {
  const random = seeded(t);
  const log = new MemoryLog();
  const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
  const { broker } = hub;
  const producer = "app";
  const { epoch } = await broker.openProducer({ producer });

  const batches = Array.from({ length: loops("FEDBUS_BATCHES", 300) }, (_, at) => ({
    seq: at * 3,
    block: encodeEnvelopes([0, 1, 2].map((k) => `{"topic":"a.b","msg":{"n":${at * 3 + k}}}`)),
  }));
  let gaps = 0;
  let resends = 0;
  for (let next = 0; next < batches.length; ) {
    // Any batch near the next one: ahead of it is a gap, behind it a resend.
    const at = Math.min(batches.length - 1, Math.max(0, next + below(random, 9) - 4));
    const head = log.head;
    const answer = broker.publish({ producer, epoch, ...batches[at]! });
    if (at > next) {
      gaps++;
      await t.rejects(answer, { code: "SEQUENCE_GAP", details: { expected: next * 3 } });
      if (log.head !== head) t.fail("a gap was stored");
    } else {
      const { firstOffset } = await answer;
      if (firstOffset !== at * 3) t.fail(`batch ${at} is at ${firstOffset}`);
      if (at < next) resends++;
      else next++;
    }
  }
  t.equal(log.head, batches.length * 3);
  const { blocks } = await log.read({ from: 0, bytesMax: 2 ** 26 });
  const numbers = blocks.flatMap((block: Block) =>
    (block.parse() as { msg: { n: number } }[]).map((event) => event.msg.n),
  );
  t.same(
    numbers,
    Array.from(numbers, (_, at) => at),
    "no hole and no double",
  );
  t.comment(
    `${batches.length} batches, ${gaps} gaps refused, ${resends} resends answered: 0 holes`,
  );
  await hub.close();
});
