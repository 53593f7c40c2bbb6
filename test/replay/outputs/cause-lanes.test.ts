import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { CauseLanes } from "../../../replay/outputs/cause-lanes.js";
import type { LoggedOutput } from "../../../replay/outputs/logged-outputs.js";
import { scratch } from "../scratch.js";

t.test("cause lanes: what ends a line in some readers is no end of an output", async (t) => {
  const dir = join(scratch(t), "lanes");
  const outputs = ["a\u2028b", "c\u2029d", "\r\n\u0085"].map((text, offset): LoggedOutput => {
    const cause = { consumer: "x", version: "1", offset };
    return { offset: offset + 10, cause, envelope: { topic: "out", msg: { text } } as never };
  });
  await using lanes = new CauseLanes(dir);
  await lanes.fill(
    (async function* () {
      yield* outputs;
    })(),
  );
  const stored = await readFile(join(dir, "0.ndjson"), "utf8");
  t.equal(stored.split(/\r\n|[\n\r\u2028\u2029]/).length, outputs.length + 1, "a line for each");
  const read: LoggedOutput[] = [];
  for await (const output of lanes.read()) read.push(output);
  t.same(read, outputs);
});
