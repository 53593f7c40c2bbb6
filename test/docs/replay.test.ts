import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { patienceMs } from "../bus/seed.js";
import { startHub } from "../cli/spawn-cli.js";

t.setTimeout(patienceMs);
const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const cli = join(root, "build/cli/main.js");

t.test("docs/replay.md: the example does what it says", async (t) => {
  const page = await readFile(join(root, "docs/replay.md"), "utf8");
  const example = /<!-- example: begin -->\n```sh\n([\s\S]*?)```\n<!-- example: end -->/.exec(page);
  t.ok(example);
  const cwd = t.testdir();
  const hub = await startHub(join(cwd, ".fedbus"));
  t.teardown(() => hub.child.kill("SIGKILL"));
  const fedbus = `fedbus() { "${process.execPath}" "${cli}" "$@"; }`;
  const { stdout } = await run(
    "bash",
    ["-euo", "pipefail", "-c", `${fedbus}\n${example![1]}\nfedbus topics`],
    { cwd },
  );
  t.match(stdout, /alarms 1 over offsets 0 to \d+: 100 events handled, 50 outputs/);
  t.match(stdout, /\+ alarm\.raised by #45\n {4}\{"value":46\}/);
  t.match(stdout, /5 outputs differ/);
  t.match(stdout, /#100 alarm\.raised \{"value":51\}/);
  t.match(stdout, /gives the same bytes \(#50\)/);
  t.match(stdout, /came of it:\n└─ #100 alarm\.raised/);
  t.match(stdout, /last +30\n/);
  t.match(stdout, /generation 2 .* outputs: 50 same, 5 added, 0 dropped, 0 changed/);
  t.match(stdout, /alarm\.raised +55 /);
});
