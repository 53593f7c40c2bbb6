import { existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { openBus } from "../../bus/open-bus.js";
import { Cli, cli, hubUrl, startHub } from "./spawn-cli.js";

interface Shown {
  readonly offset: number;
  readonly event: { readonly topic: string; readonly msg: Readonly<Record<string, unknown>> };
}

t.test("up: the demo publishes, is tailed, ends on Ctrl-C and is continued", async (t) => {
  const dir = join(t.testdir(), "log");
  const line = ["up", "--demo", "--json", "--dir", dir, "--listen", "tcp://127.0.0.1:0"];
  const first = new Cli(line);
  t.teardown(() => first.child.kill("SIGKILL"));
  await first.until(/org\.fedbus\.demo\.host\.eventloop.*\n[\s\S]*host\.eventloop.*\n/);
  await first.until(/models\.demo-load\.forecast.*"steps".*\n/);
  const query = await cli(["query", "--json", "--dir", dir, "org.fedbus.demo.#", "--limit", "5"]);
  const ended = await first.stop();
  t.match(ended, { code: 0, err: /fedbus listens on .*\n.*second terminal[\s\S]*Ended/ });
  const events = query.out
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text) as Shown);
  t.same(
    events.map(({ event }) => event.topic.split(".").at(-1)),
    ["cpu", "memory", "load", "disk", "eventloop"],
  );
  for (const { event } of events) t.type(event.msg.host, "string");
  const topics = await cli(["topics", "org.fedbus.demo.#", "--dir", dir, "--json"]);
  for (const topic of topics.out.trimEnd().split("\n"))
    t.match(JSON.parse(topic), { schema: /^demo\.host\.\w+@1$/ });

  const { head } = JSON.parse((await cli(["log", "info", "--json", "--dir", dir])).out);
  const second = new Cli(line);
  t.teardown(() => second.child.kill("SIGKILL"));
  await second.until(/host\.cpu/);
  t.match(await second.stop("SIGTERM"), { code: 0, err: new RegExp(`log of ${head} events`) });
  const [shown = ""] = second.out.split("\n");
  t.equal((JSON.parse(shown) as Shown).offset, head, "goes on where it ended");
});

t.test(
  "hub: an address in use leaves no new log behind, and names the hub of the directory",
  async (t) => {
    const dir = t.testdir();
    const hub = await startHub(join(dir, "first"));
    t.teardown(() => hub.stop());
    const url = await hubUrl(join(dir, "first"));
    for (const name of ["hub", "up"]) {
      const line = [name, "--dir", join(dir, "second"), "--listen", url];
      t.match(await cli(line), { code: 4, err: /ADDRESS_IN_USE.*\n.*--listen/ });
      t.notOk(existsSync(join(dir, "second")));
    }
    await t.rejects(openBus({ dir: join(dir, "second"), listen: url }), { code: "ADDRESS_IN_USE" });
    t.notOk(existsSync(join(dir, "second")));
    const again = await cli(["up", "--dir", join(dir, "first"), "--listen", url]);
    t.match(again, { code: 4, err: new RegExp(`--hub ${url}`) });
  },
);

t.test("hub: logs to standard error, keeps to its rules, and ends on SIGTERM", async (t) => {
  const dir = join(t.testdir(), "log");
  const input = Array.from({ length: 50 }, (_, n) => `${n}\n`).join("");
  // A block is removed whole, and the rate makes many small ones.
  await cli(["publish", "a.b", "--dir", dir, "--create", "--rate", "100/s"], { input });
  const hub = new Cli([
    ...["hub", "--dir", dir, "--listen", "tcp://127.0.0.1:0", "--json"],
    ...["--keep", "a.#=10"],
  ]);
  t.teardown(() => hub.child.kill("SIGKILL"));
  await hub.until(/retention removed events/, "err");
  const { code, out, err } = await hub.stop("SIGTERM");
  t.match({ code, out }, { code: 0, out: "" });
  const told = err
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { level: string });
  t.match(
    told.filter(({ level }) => level !== "info"),
    [{ level: "warn", message: /signatures are NOT checked/ }],
  );
  t.match((await cli(["topics", "--dir", dir, "--json"])).out, /"count":10/);
});
