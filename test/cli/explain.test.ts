import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { patienceMs } from "../bus/seed.js";
import { alarmsPlugin, ranAlarms } from "./alarms.js";
import { cli } from "./spawn-cli.js";

t.setTimeout(patienceMs);

t.test("explain and state --at: back, forward, once more, and as it was", async (t) => {
  const { root, dir } = await ranAlarms(t);
  const explain = (...line: string[]) => cli(["explain", ...line, "--dir", dir]);
  const back = await explain("300", "--run");
  t.equal(back.code, 0, back.err);
  t.match(
    back.out,
    /^#300 alarm\.raised \{"value":51\}\n└─ by alarms 1, key all\n.*52 events.*\n {3}└─ #51 sensor\.a \{"value":51\}\n {6}└─ a source event/,
  );
  t.match(back.out, /the event that caused it, run alone, gives the same bytes \(#51\)/);
  const forward = await explain("51", "--forward", "--json");
  t.match(JSON.parse(forward.out), { offset: 51, effects: [{ offset: 300, causedBy: 51 }] });
  const other = join(root, "other.mjs");
  writeFileSync(other, alarmsPlugin("value += 1;", "2"));
  const differs = await explain("300", "--run", "--plugin", other);
  t.match(differs, { code: 8, out: /do not give it[\s\S]*\/msg\/value: 51 → 52/ });
  t.match(await explain("51", "--run"), { err: /event 51 is no consumer's output.*INPUT_INVALID/ });
  t.match(await explain("99999"), { code: 2, err: /OFFSET_INVALID/ });

  const now = await cli(["state", "alarms", "last", "--dir", dir]);
  t.match(now, { code: 0, out: /last +99/ });
  const then = await cli(["state", "alarms", "last", "--at", "43", "--dir", dir, "--json"]);
  t.equal(then.code, 0, then.err);
  t.match(JSON.parse(then.out), { key: "last", value: 42 });
  t.notMatch(then.err, /rewind/);
  t.equal((await cli(["consumers", "rewind", "alarms", "--to", "250", "--dir", dir])).code, 0);
  const rewound = await cli(["state", "alarms", "last", "--at", "43", "--dir", dir, "--json"]);
  t.match(rewound, { code: 0, out: then.out, err: /without its rewinds/ });
  const before = await cli(["state", "alarms", "last", "--at", "1h", "--dir", dir]);
  t.match(before, { code: 3, err: /STATE_NOT_FOUND/ });
  t.match(await cli(["state", "alarms", "--at", "1h", "--dir", dir]), {
    code: 0,
    err: 'alarms had no table "state" then, or nothing in it\n',
  });
  t.match(await cli(["state", "alarms", "--at", "99999", "--dir", dir]), {
    code: 2,
    err: /--at 99999 is past the head: the next offset is \d+/,
  });
});
