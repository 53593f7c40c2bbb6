import { PassThrough } from "node:stream";
import t from "tap";
import { supervisorLimits } from "../../../consumers/index.js";
import { isFromHost } from "../../../consumers/supervisor/from-host.js";
import { PrintedLines } from "../../../consumers/supervisor/printed-lines.js";
import { Quota } from "../../../consumers/supervisor/quota.js";
import { Rate } from "../../../consumers/supervisor/rate.js";
import { Watchdog } from "../../../consumers/supervisor/watchdog.js";
import { until } from "../../bus/turns.js";

const progress = {
  ...{ next: 5, committedNext: 5, handled: 5, outputs: 0, deadLetters: 0 },
  ...{ watermark: null, rssBytes: 0 },
};

/** What a watchdog of this very process finds at fault. */
async function fault(
  t: { teardown(end: () => void): void },
  limits: object,
  { head, beats }: { head?: number; beats?: "once" | "always" } = {},
): Promise<string> {
  let why = "";
  const watchdog = new Watchdog({
    pid: process.pid,
    limits: { ...supervisorLimits, rssBytesMax: 2 ** 40, ...limits },
    head: () => head,
    onFault: (found) => {
      why = found;
    },
  });
  let isOver = false;
  t.teardown(() => {
    isOver = true;
    watchdog.close();
  });
  if (beats !== undefined) watchdog.beat(progress);
  const timer = beats === "always" ? setInterval(() => watchdog.beat(progress), 20) : undefined;
  t.teardown(() => clearInterval(timer));
  await until(() => why !== "" || isOver);
  return why;
}

t.test("watchdog: finds what is silent, stuck, slow to begin, or too large", async (t) => {
  t.match(await fault(t, { startMs: 300 }), /did not begin within 300 ms/);
  t.match(await fault(t, { watchdogMs: 300 }, { beats: "once" }), /blocked for 300 ms/);
  t.match(
    await fault(t, { stallMs: 300 }, { head: 6, beats: "always" }),
    /nothing done for 300 ms/,
  );
  t.match(await fault(t, { rssBytesMax: 1 }, { beats: "always" }), /more than 1 \(rssBytesMax\)/);
});

t.test("watchdog: does not mind what is idle, or waits for its hub", async (t) => {
  for (const head of [5, undefined]) {
    const idle = fault(
      t,
      { stallMs: 100, watchdogMs: 60_000 },
      { ...(head ? { head } : {}), beats: "always" },
    );
    const other = fault(t, { startMs: 1_500 });
    t.match(
      await Promise.race([idle, other]),
      /did not begin/,
      "another one found something first",
    );
  }
});

function printed(chunks: readonly (string | Buffer)[], limits = {}): Promise<string[]> {
  const lines: string[] = [];
  const stream = new PassThrough();
  new PrintedLines(stream, {
    ...{ lineLengthMax: 10, linesPerSecondMax: 1_000, onLine: (line: string) => lines.push(line) },
    ...limits,
  });
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return new Promise((resolve) => stream.on("close", () => resolve(lines)));
}

t.test(
  "printed lines: come whole however they were cut, and cut where they are long",
  async (t) => {
    t.same(await printed(["a\nb", "c\n", "\n \nd"]), ["a", "bc", "d"]);
    const euro = Buffer.from("€");
    t.same(await printed([euro.subarray(0, 1), euro.subarray(1), "\n"]), ["€"]);
    t.same(await printed(["0123456789\n", "0123456789x\n", "01234", "56789", "xyz\n"]), [
      ...["0123456789", "0123456789...", "0123456789..."],
    ]);
  },
);

t.test("printed lines: too many in a second are counted", async (t) => {
  const lines = await printed(
    Array.from({ length: 1_000 }, (_, n) => `${n}\n`),
    { linesPerSecondMax: 10 },
  );
  const told = lines.filter((line) => /^\d+$/.test(line)).length;
  const dropped = lines.flatMap(
    (line) => /^\((\d+) lines more/.exec(line)?.slice(1).map(Number) ?? [],
  );
  t.equal(told + dropped.reduce((sum, count) => sum + count, 0), 1_000);
  t.ok(told % 10 === 0 && told < 100, `${told} lines were told`);
});

t.test("rate: follows what is counted, and begins anew after a fall", async (t) => {
  const rate = new Rate();
  t.equal(rate.current, 0);
  for (let second = 0; second < 60; second++) rate.observe(second * 100, second * 1_000);
  t.ok(Math.abs(rate.current - 100) < 0.1, String(rate.current));
  rate.observe(5, 60_000);
  rate.observe(105, 61_000);
  t.ok(Math.abs(rate.current - 100) < 1, String(rate.current));
});

t.test("quota: lets so many through a second, and counts what it did not", async (t) => {
  let nowMs = 5_000;
  const quota = new Quota(2, () => nowMs);
  t.same([quota.take(), quota.take(), quota.take(), quota.take()], [true, true, false, false]);
  nowMs = 6_000;
  t.equal(quota.take(), true);
  t.same([quota.dropped(), quota.dropped()], [2, 0]);
});

t.test("messages: only whole ones are taken from a plugin's process", async (t) => {
  const description = {
    ...{ path: "/a.js", name: "a", version: "0", keyed: false, attemptsMax: 5 },
    ...{ topics: ["in.#"], schema: {} },
  };
  const entry = { group: 0, key: "a", value: 1 };
  const error = { code: "INTERNAL", message: "no" };
  const log = { kind: "log", level: "info", fields: {}, message: "hello" };
  for (const whole of [
    { kind: "progress", progress },
    { kind: "progress", progress: { ...progress, note: "x".repeat(1_000) } },
    log,
    { kind: "answer", id: 0, result: [entry] },
    { kind: "answer", id: 0, error },
    { kind: "described", description },
    { kind: "failed", error },
    { kind: "ended" },
  ])
    t.equal(isFromHost(whole), true, JSON.stringify(whole));
  for (const broken of [
    ...[null, undefined, 7, "ended", [], {}, { kind: "toString" }, { kind: ["ended"] }],
    ...[{ kind: "progress" }, { kind: "progress", progress: null }],
    { kind: "progress", progress: { ...progress, next: "5" } },
    ...[7, "x".repeat(1_001)].map((note) => ({
      kind: "progress",
      progress: { ...progress, note },
    })),
    ...["__proto__", "constructor", 7].map((level) => ({ ...log, level })),
    ...[{ fields: null }, { message: {} }].map((wrong) => ({ ...log, ...wrong })),
    ...[undefined, {}, [null], [{ key: 7 }]].map((result) => ({ kind: "answer", id: 0, result })),
    ...[undefined, {}, { code: 7 }].map((wrong) => ({ kind: "failed", error: wrong })),
    ...[null, {}, { ...description, topics: [7] }].map((wrong) => ({
      kind: "described",
      description: wrong,
    })),
  ])
    t.equal(isFromHost(broken), false, JSON.stringify(broken));
});
