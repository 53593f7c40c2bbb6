import t from "tap";
import { TapReader } from "../../scripts/tap-reader.js";

const stream = `TAP version 14
# Subtest: build/test/a.test.js
    # Subtest: alpha
        # 7 counted, 0 lost
        ok 1 - one
        not ok 2 - two
          ---
          ok 3 - not a point
          ...
        1..2
    not ok 1 - alpha # time=1ms
      ---
      at: here
      ...
    ok 2 - beta # SKIP no data
    1..2
    # time=2ms
    # cpu=1.25s
not ok 1 - build/test/a.test.js # time=2ms
# Subtest: build/test/b.test.js
    # Subtest: hangs
        ok 1 - one
        1..1
    not ok 1 - hangs # time=3ms
    1..1
not ok 2 - build/test/b.test.js # time=3ms
# Subtest: build/test/c.test.js
    1..0 # nothing to do
ok 3 - build/test/c.test.js # SKIP nothing to do
`;

t.test("tap-reader: points are counted, subtests only when they fail as a whole", async (t) => {
  const lines: string[] = [];
  const reader = new TapReader((line: string) => lines.push(line));
  for (const line of stream.split("\n")) reader.take(line);
  reader.end();
  t.match(reader, { passed: 2, failed: 2, skipped: 2 });
  t.same(reader.costs, [{ file: "test/a.test.ts", cpuSeconds: 1.25 }]);
  t.same(lines, [
    "FAIL test/a.test.ts: 1 passed, 1 failed, 1 skipped, 2ms, 1.3 s CPU",
    "    7 counted, 0 lost",
    "    FAILED: alpha > two",
    "    ok 3 - not a point",
    "    skipped: beta (no data)",
    "FAIL test/b.test.ts: 1 passed, 1 failed, 3ms",
    "    FAILED: hangs",
    "ok   test/c.test.ts: 0 passed, 1 skipped",
    "    skipped: build/test/c.test.js (nothing to do)",
  ]);
});
