import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { file } from "../../../../consumers/sinks/file/file.js";
import type { FileOptions } from "../../../../consumers/sinks/file/file-options.js";
import { deliveries, delivery, neverAborted } from "../deliveries.js";
import { contents, offsetsIn, range } from "./contents.js";

/** Delivers the events from `from` to below `to`, a destination of its own for them. */
async function write(options: FileOptions, from: number, to: number): Promise<void> {
  await using files = file(options);
  await files.deliver(deliveries(from, to), neverAborted);
}

t.test("file: an event is a line of JSON", async (t) => {
  const dir = join(t.testdir(), "made", "for it");
  await using files = file({ dir });
  await files.deliver(
    [delivery(2, { headers: { a: 1 }, body: "x\ny" }), delivery(7)],
    neverAborted,
  );
  const lines = Object.entries(await contents(dir));
  t.equal(lines.length, 1);
  t.equal(lines[0]![0], "events-00000001.ndjson");
  const [first, second] = lines[0]![1].split("\n").map((line) => line && JSON.parse(line));
  t.strictSame(first, delivery(2, { headers: { a: 1 }, body: "x\ny" }));
  t.strictSame(second, delivery(7));
});

t.test("file: columns choose what a line of JSON holds", async (t) => {
  const dir = t.testdir();
  const columns = { at: "/offset", total: "/body/total", none: "/body/none/deeper" };
  await write({ dir, columns }, 0, 2);
  const text = '{"at":0,"total":0}\n{"at":1,"total":1.5}\n';
  t.strictSame(await contents(dir), { "events-00000001.ndjson": text });
});

t.test("file: a resend of all or of a part changes nothing", async (t) => {
  const dir = t.testdir();
  await using files = file({ dir });
  await files.deliver(deliveries(0, 10), neverAborted);
  for (const [from, to] of [
    [0, 10],
    [3, 5],
    [9, 10],
    [5, 12],
    [0, 12],
  ] as const)
    await files.deliver(deliveries(from, to), neverAborted);
  await files.deliver([], neverAborted);
  t.strictSame(await offsetsIn(dir), range(0, 12));
});

t.test("file: another process goes on where the last one ended", async (t) => {
  const dir = t.testdir();
  await write({ dir }, 0, 5);
  await write({ dir }, 3, 8);
  t.strictSame(await offsetsIn(dir), range(0, 8));
});

t.test("file: what was not known to be durable is cut off", async (t) => {
  const dir = t.testdir();
  const options = { dir, fileBytesMax: 1000 };
  await write(options, 0, 20);
  const before = await contents(dir);
  const names = Object.keys(before);
  const number = Number(/\d+/.exec(names.at(-1)!)![0]);
  await appendFile(join(dir, names.at(-1)!), '{"offset":20,"half of a li');
  await writeFile(join(dir, `events-${String(number + 1).padStart(8, "0")}.ndjson`), "more\n");
  await write(options, 5, 20);
  t.strictSame(await contents(dir), before);
  await write(options, 20, 40);
  t.strictSame(await offsetsIn(dir), range(0, 40));
});

t.test("file: a file ends before the line that would make it too large", async (t) => {
  const lineBytes = Buffer.byteLength(JSON.stringify({ offset: 1 })) + 1;
  const columns = { offset: "/offset" };
  const sizes = async (fileBytesMax: number): Promise<number[]> => {
    const dir = t.testdir();
    await write({ dir, columns, fileBytesMax }, 0, 6);
    const found = await contents(dir);
    t.strictSame(
      Object.keys(found),
      range(1, Object.keys(found).length + 1).map((number) => `events-0000000${number}.ndjson`),
    );
    t.strictSame(await offsetsIn(dir), range(0, 6));
    return Object.values(found).map((text) => text.length / lineBytes);
  };
  t.strictSame(await sizes(3 * lineBytes), [3, 3], "at the limit");
  t.strictSame(await sizes(3 * lineBytes - 1), [2, 2, 2], "one past it");
  t.strictSame(await sizes(1), [1, 1, 1, 1, 1, 1], "a line that is larger has its own file");
});

//                recordedAt: 0s   1s   2s   3s | 4s   5s   6s   7s |           12s
// a span of 4 s:             [   file 1        ) [    file 2       )           [ file 3
t.test("file: a file holds one span of time, whatever the batches", async (t) => {
  const at = (seconds: number) =>
    delivery(seconds, { recordedAt: 1_700_000_000_000 + seconds * 1000 });
  const seconds = [...range(0, 8), 12];
  for (const size of [1, 2, 5, 9]) {
    const dir = t.testdir();
    await using files = file({ dir, fileMs: 4000, columns: { o: "/offset" } });
    for (let from = 0; from < seconds.length; from += size)
      await files.deliver(seconds.slice(from, from + size).map(at), neverAborted);
    const found = Object.values(await contents(dir)).map((text) => text.match(/\d+/g)!.map(Number));
    t.strictSame(found, [[0, 1, 2, 3], [4, 5, 6, 7], [12]], `batches of ${size}`);
  }
});

t.test("file: finished files may be taken away, the one being written may not", async (t) => {
  const dir = t.testdir();
  const options = { dir, fileBytesMax: 1000 };
  await write(options, 0, 20);
  const names = Object.keys(await contents(dir));
  await rm(join(dir, names[0]!));
  await write(options, 20, 21);
  const last = join(dir, Object.keys(await contents(dir)).at(-1)!);
  const kept = await readFile(last);
  await truncate(last, kept.length - 1);
  await t.rejects(write(options, 21, 22), { code: "DESTINATION_DIVERGED", retryable: false });
  await rm(last);
  await t.rejects(write(options, 21, 22), { code: "DESTINATION_DIVERGED" });
  await writeFile(last, kept);
  await write(options, 21, 22);
});

t.test("file: without its side file, or with a damaged one, nothing is written", async (t) => {
  const dir = t.testdir();
  await write({ dir }, 0, 5);
  const side = join(dir, "events.state.json");
  for (const text of ["", "{", "null", '{"format":2,"next":5}', '{"format":1,"next":5}']) {
    await writeFile(side, text);
    await t.rejects(write({ dir }, 5, 6), {
      code: "DESTINATION_DIVERGED",
      details: { path: side },
    });
  }
  await rm(side);
  await t.rejects(write({ dir }, 5, 6), { code: "DESTINATION_DIVERGED" });
  t.strictSame(await offsetsIn(dir), range(0, 5));
  await write({ dir, name: "other" }, 5, 6);
});

t.test("file: one writes at a time", async (t) => {
  const dir = t.testdir();
  const first = file({ dir });
  await first.deliver(deliveries(0, 2), neverAborted);
  await using second = file({ dir });
  await t.rejects(second.deliver(deliveries(2, 3), neverAborted), {
    code: "DESTINATION_IN_USE",
    retryable: true,
    details: { pid: process.pid },
  });
  await first.close();
  await second.deliver(deliveries(2, 3), neverAborted);
  await t.rejects(first.deliver(deliveries(3, 4), neverAborted), { code: "CLOSED" });
  t.strictSame(await offsetsIn(dir), range(0, 3));
});

t.test("file: who was taken over writes nothing more", async (t) => {
  const dir = t.testdir();
  await using first = file({ dir });
  await first.deliver(deliveries(0, 2), neverAborted);
  const side = join(dir, "events.state.json");
  const { writer: _, ...state } = JSON.parse(await readFile(side, "utf8")) as { writer: object };
  await writeFile(side, JSON.stringify(state));
  await using second = file({ dir });
  await second.deliver(deliveries(2, 3), neverAborted);
  await t.rejects(first.deliver(deliveries(2, 5), neverAborted), { code: "DESTINATION_IN_USE" });
  t.strictSame(await offsetsIn(dir), range(0, 3));
});

t.test("file: the offsets of another stream are refused", async (t) => {
  const dir = t.testdir();
  await write({ dir }, 0, 5);
  await using files = file({ dir });
  await t.rejects(files.deliver([delivery(9, { id: "other:9" })], neverAborted), {
    code: "DELIVERY_REFUSED",
    details: { known: "orders", stream: "other", offset: 9 },
  });
});

t.test("file: what the file system refuses is told apart from what may pass", async (t) => {
  const dir = t.testdir({ taken: "a file" });
  await t.rejects(write({ dir: join(dir, "taken") }, 0, 1), { code: "DELIVERY_REFUSED" });
});

t.test("file: all wrong options are named together", async (t) => {
  const wrong = {
    dir: "",
    name: "../x",
    format: "xml",
    columns: { a: "body" },
    fileMs: 1,
    rotate: 1,
  };
  const problems = (given: object): string[] => {
    try {
      file(given as FileOptions);
    } catch (error) {
      return (error as { details: { problems: string[] } }).details.problems;
    }
    return [];
  };
  t.match(problems(wrong), [
    /^rotate/,
    /^dir/,
    /^name/,
    /^format/,
    /^columns a must be/,
    /^fileMs/,
  ]);
  t.match(problems({ dir: "/x", columns: { a: "/msg/x" } }), [/^columns a must be a JSON pointer/]);
  t.match(problems({ dir: "/x", columns: { a: "/body/~2" } }), [/^columns a/]);
  t.match(problems({ dir: "/x", columns: {} }), [/^columns must have a member/]);
});

t.test("file: a folder that is not told from the root is refused, and not made", (t) => {
  for (const dir of ["out", "./out", "../out"])
    t.throws(() => file({ dir }), {
      code: "OPTIONS_INVALID",
      message: /dir must be an absolute path/,
    });
  t.end();
});
