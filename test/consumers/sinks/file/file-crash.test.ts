import { join } from "node:path";
import t from "tap";
import { file } from "../../../../consumers/sinks/file/file.js";
import type { FileOptions } from "../../../../consumers/sinks/file/file-options.js";
import { Child } from "../../../bus/child.js";
import { below, loops, patienceMs, seeded } from "../../../bus/seed.js";
import { deliveries, neverAborted } from "../deliveries.js";
import { contents } from "./contents.js";

t.setTimeout(patienceMs);
const kills = loops("FEDBUS_DELIVERY_KILLS", 12);
const to = kills * 150;

/** What the same events make when nothing goes wrong. */
async function undisturbed(options: FileOptions): Promise<Record<string, string>> {
  await using files = file(options);
  await files.deliver(deliveries(0, to), neverAborted);
  return await contents(options.dir);
}

for (const format of ["ndjson", "csv"] as const)
  t.test(
    `file: killed at any time, ${format} files are as if undisturbed`,
    { timeout: patienceMs },
    async (t) => {
      const random = seeded(t);
      const root = t.testdir({ plain: {}, killed: {} });
      const limits = { format, fileBytesMax: 4000, fileMs: 60_000 };
      const expected = await undisturbed({ ...limits, dir: join(root, "plain") });
      const options = { ...limits, dir: join(root, "killed") };
      const start = { options, note: join(root, "note"), to };
      let killed = 0;
      for (; killed < kills; killed++) {
        const child = await Child.start("../consumers/sinks/file/file-sink-child", start);
        for (let batches = below(random, 6); batches > 0; batches--)
          await child.message("delivered");
        // From within the batch that runs now, up to its commit and the next one.
        await new Promise((resolve) => setTimeout(resolve, random() * 8));
        await child.kill();
      }
      const child = await Child.start("../consumers/sinks/file/file-sink-child", start);
      await child.message("done");
      const found = await contents(options.dir);
      t.comment(`${killed} kills, ${Object.keys(found).length} files, ${to} events`);
      t.strictSame(found, expected);
    },
  );
