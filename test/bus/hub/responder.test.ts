import t from "tap";
import { Responder } from "../../../bus/hub/responder.js";
import type { operationsOf } from "../../../bus/hub/service.js";
import { silentLogger } from "../../../bus/kernel/logger.js";
import type { Router } from "../../../bus/wire/sockets.js";
import { settle } from "../turns.js";

t.test("responder: reads on below its bound of publishes in work, and not at it", async (t) => {
  const size = 1000;
  for (const [publishBytesMax, taken] of [
    [3 * size + 1, 4],
    [3 * size, 3],
    [1, 1],
  ] as const) {
    const answers: (() => void)[] = [];
    const operation = () => new Promise((resolve) => answers.push(() => resolve({ result: 1 })));
    const replies: unknown[] = [];
    const router = {
      async *[Symbol.asyncIterator]() {
        const control = Buffer.from('{"id":1,"op":"publish"}');
        for (let n = 0; n < 8; n++) yield [Buffer.from("client"), control, Buffer.alloc(size)];
      },
      send: async (frames: unknown) => void replies.push(frames),
    } as unknown as Router;
    const operations = new Map([["publish", operation]]) as ReturnType<typeof operationsOf>;
    const options = { logger: silentLogger, publishBytesMax };
    const responder = new Responder(router, { room: async () => {} }, operations, options);
    const run = responder.run();
    await settle();
    t.equal(answers.length, taken, `bound ${publishBytesMax}`);
    for (let n = 0; n < 8; n++) {
      answers[n]!();
      await settle();
    }
    await run;
    t.equal(replies.length, 8, "an answer makes room for the next");
  }
});
