import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import t from "tap";
import { openTarget } from "../../cli/bus-for.js";
import { whereFrom } from "../../cli/config.js";
import { findHub } from "../../cli/hub/find-hub.js";
import { cli, fixedAddresses, hubUrl, startHub } from "./spawn-cli.js";

t.test("hub: in a folder without a log, the one at the default address is used", async (t) => {
  const root = t.testdir();
  const dir = join(root, "log");
  const hub = await startHub(dir);
  t.teardown(() => hub.stop());
  const url = await hubUrl(dir);
  const told: string[] = [];
  const fallback = { url, tell: async (used: string) => void told.push(used) };
  const where = { ...whereFrom({}, {}), dir: join(root, "sub", ".fedbus"), fallback };

  const target = await openTarget(where);
  t.match(target, { live: true, place: url });
  await target.bus.close();
  t.strictSame(told, [url], "and says so");

  const made = await openTarget(where, { create: true });
  t.match(made, { live: false, place: where.dir }, "but not by who wants a log made there");
  await made.bus.close();
  t.equal(await findHub(where), undefined, "nor where there is a log");
  t.strictSame(told, [url]);
});

t.test("hub: a fallback that is no hub is none", async (t) => {
  const dir = join(t.testdir(), ".fedbus");
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const tell = () => Promise.reject(new Error("told of no hub"));
  const [, free = ""] = await fixedAddresses();
  for (const url of [`tcp://127.0.0.1:${port}`, free]) {
    const where = { ...whereFrom({}, {}), dir, fallback: { url, tell } };
    t.equal(await findHub(where), undefined);
    await t.rejects(openTarget(where), { code: "LOG_NOT_FOUND" });
  }
});

t.test("hub: an address in use is told with both ways out", async (t) => {
  const dir = t.testdir();
  const hub = await startHub(join(dir, "first"));
  t.teardown(() => hub.stop());
  const url = await hubUrl(join(dir, "first"));
  mkdirSync(join(dir, "second"));
  const run = await cli(["run", "x.mjs", "--dir", join(dir, "second"), "--listen", url]);
  t.match(run, { code: 4, err: /ADDRESS_IN_USE.*\n.*--hub.*--listen/ });
});
