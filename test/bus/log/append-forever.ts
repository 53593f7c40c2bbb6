// A child process that appends until it is killed, and writes down what was acknowledged, and what a
// follower was shown: both must outlive it.
// Usage: node append-forever.js DIR ORACLE SEED
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { numberFrom } from "./random.js";

const [, , dir = "", oracle = "", seed = "1"] = process.argv;
const random = numberFrom(Number(seed));
const topics = ["a.b", "a.c", "x"];

const log = await LevelLog.open(dir, { ballastBytes: 0, freeBytesMin: 0 });
process.stdout.write("open\n");
void noteShown();
for (;;) {
  let at = log.head;
  const drafts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const count = 1 + Math.floor(random() * 40);
    const start = at;
    at += count;
    return draftOf(
      Array.from({ length: count }, (_, index) => [
        topics[(start + index) % 3]!,
        { n: start + index, text: "x".repeat(Math.floor(random() * 300)) },
      ]),
      [{ id: "p", epoch: 1, seq: start, count, at: 0 }],
    );
  });
  try {
    await log.append(drafts);
  } catch (error) {
    if (!isFedbusError(error) || !error.retryable) throw error;
    await sleep(20);
    continue;
  }
  appendFileSync(oracle, `${log.head}\n`);
}

async function noteShown(): Promise<void> {
  for await (const { next } of log.follow({ from: log.head })) appendFileSync(oracle, `${next}\n`);
}
