import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { patienceMs } from "../bus/seed.js";
import { alarmsPlugin, ranAlarms } from "./alarms.js";
import { Cli, cli } from "./spawn-cli.js";

t.setTimeout(patienceMs);

t.test("replay --consumer: history once more, and promoted over the live state", async (t) => {
  const { root, dir, plugin } = await ranAlarms(t);
  const outputs = join(root, "outputs.ndjson");
  const replay = ["replay", "--consumer", "alarms", "--dir", dir, "--json"];
  const first = await cli([...replay, "--to", "200", "--to-file", outputs]);
  t.equal(first.code, 0, first.err);
  const told = JSON.parse(first.out) as { state: object };
  t.match(told, { consumer: "alarms", from: 0, to: 200, handled: 200, outputs: 98 });
  const logged = await cli([
    "query",
    "alarm.raised",
    "--limit",
    "98",
    "--fields",
    "event",
    "--dir",
    dir,
  ]);
  t.equal(logged.code, 0, logged.err);
  t.equal(readFileSync(outputs, "utf8").trim().split("\n").length, 98);
  const second = await cli([...replay, "--to", "200", "--keep"]);
  t.match(JSON.parse(second.out), { state: told.state }, "the same state");
  t.match((JSON.parse(second.out) as { dir: string }).dir, /replays/);

  for (const wrong of [["sensor.#"], ["--speed", "2"], ["--promote", "--to", "3"]])
    t.match(await cli([...replay, ...wrong]), { code: 2, err: /cannot both be given/ });

  t.match(await cli([...replay, "--promote", "--from", "200"]), {
    code: 2,
    err: /a later --from and --promote cannot both be given.*begins at offset 0.*leave --from out/s,
  });
  t.match(await cli(["replay", "--promote", "--dir", dir]), {
    code: 2,
    err: /--promote needs --consumer or --plugin/,
  });
  t.match(await cli(["replay", "--consumer", "alarm", "--dir", dir]), {
    code: 3,
    err: /there is no consumer "alarm" in .*: the log has alarms/,
  });
  t.match(await cli(["replay", "--consumer", "alarms", "--to", "1", "--dir", dir]), {
    code: 0,
    out: /: 1 event handled, 0 outputs\nstate: 1 entry, 0 timers, /,
  });

  const other = join(root, "other.mjs");
  writeFileSync(other, alarmsPlugin("if (value > 90) value += 1000;", "2"));
  const promoting = ["replay", "--plugin", other, "--promote", "--from", "0", "--dir", dir];
  const running = new Cli(["run", plugin, "--dir", dir]);
  t.teardown(() => running.child.kill("SIGKILL"));
  await running.until(/alarms reads/, "err");
  t.match(await cli(promoting), { code: 4, err: /CONSUMER_IN_USE/ });
  await running.stop();
  const promoted = await cli(promoting);
  t.equal(promoted.code, 0, promoted.err);
  t.match(promoted.out, /generation 2 .* outputs: 120 same, 0 added, 0 dropped, 27 changed/);
  const shown = await cli(["consumers", "show", "alarms", "--json", "--dir", dir]);
  t.match(JSON.parse(shown.out), {
    ...{ generation: 2, version: "2", path: other, topics: ["sensor.#"], lag: 0 },
  });
  const whatif = await cli(["whatif", other, "--against", "alarms", "--dir", dir]);
  t.match(whatif, { code: 0 }, "the log says now what the new code says");
});
