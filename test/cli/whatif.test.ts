import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { patienceMs } from "../bus/seed.js";
import { alarmsPlugin, ranAlarms } from "./alarms.js";
import { Cli, cli } from "./spawn-cli.js";

t.setTimeout(patienceMs);

t.test(
  "whatif: an unchanged plugin differs in nothing, a changed one in what it says",
  async (t) => {
    const { root, dir, plugin } = await ranAlarms(t);
    const same = await cli(["whatif", plugin, "--against", "alarms", "--dir", dir]);
    t.match(same, { code: 0, out: /same +147\n[\s\S]*no output differs/ }, same.err);

    const lower = ["whatif", plugin, "--against", "alarms", "--set", "limit=40", "--dir", dir];
    const text = await cli([...lower, "--limit", "2"]);
    t.equal(text.code, 8, "a code of its own");
    t.match(text.out, /\+ alarm\.raised by #41, key all\n {4}\{"value":41\}/);
    t.match(text.out, /added +30\n[\s\S]*30 outputs differ/);
    t.match(
      text.out,
      /^alarms \(version 1\) against alarms.*: outputs caused by offsets 0 to \d+\n/,
    );
    const json = await cli([...lower, "--limit", "100", "--json"]);
    t.equal(json.code, 8);
    t.match(JSON.parse(json.out), { totals: { same: 147, added: 30, dropped: 0, changed: 0 } });
    t.equal((JSON.parse(json.out) as { differences: unknown[] }).differences.length, 30);

    const other = join(root, "other.mjs");
    writeFileSync(other, alarmsPlugin("if (value % 2) value = Date.now() % 1 + value + 100;", "2"));
    const html = join(root, "report.html");
    const changed = await cli(
      ["whatif", "other.mjs", "--against", "alarms", "--html", html, "--dir", dir, "--from", "100"],
      { cwd: root },
    );
    t.equal(changed.code, 8);
    t.match(
      changed.err,
      /Date\.now\(\) at .*other\.mjs:8 is not the same in every run: use context\.now/,
    );
    t.match(changed.out, /note: .* empty state/);
    t.match(changed.out, /~ alarm\.raised[\s\S]*\/msg\/value: 51 → 151/);
    t.match(readFileSync(html, "utf8"), /alarms<\/b> 2 against/);

    const both = await cli(
      ["whatif", other, "--against", "alarms", "--against-plugin", plugin, "--to", "200", "--json"],
      { env: { FEDBUS_DIR: dir } },
    );
    t.match(JSON.parse(both.out), { against: "alarms 1", range: { from: 0, to: 200 } });
    const unknown = await cli(["whatif", plugin, "--against", "nobody", "--dir", dir]);
    t.match(unknown.err, /CONSUMER_UNKNOWN/);

    const running = new Cli(["run", plugin, "--dir", dir]);
    t.teardown(() => running.child.kill("SIGKILL"));
    await running.until(/alarms reads/, "err");
    const live = await cli(["whatif", plugin, "--against", "alarms", "--json", "--dir", dir]);
    t.equal(live.code, 0, live.err);
    t.match(JSON.parse(live.out), { totals: { same: 147 }, range: { to: 300 } });
    await running.stop();
  },
);
