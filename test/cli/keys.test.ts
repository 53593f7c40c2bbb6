import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { cli, startHub } from "./spawn-cli.js";

t.test("keys: are made, trusted by a hub, and sign what is published", async (t) => {
  const dir = t.testdir();
  const log = join(dir, "log");
  const keys = ["--keys", join(dir, "keys")];
  const made = await cli(["keys", "create", "alice", ...keys]);
  t.match(made, { code: 0, out: /^made alice {2}SHA256:.*\nName .*alice\.pub under "keys"/ });
  t.equal((await stat(join(dir, "keys", "alice.key"))).mode & 0o777, 0o600);
  t.match(await cli(["keys", "create", "alice", ...keys]), { code: 1, err: /KEY_EXISTS/ });
  const listed = await cli(["keys", "list", "--json", ...keys]);
  const { fingerprint } = JSON.parse(listed.out) as { fingerprint: string };
  t.match(made.out, fingerprint);
  t.equal((await cli(["keys", "show", "alice", ...keys])).out, `${fingerprint}\n`);

  const trust = join(dir, "trust.json");
  await writeFile(trust, '{"keys":["keys/alice.pub"],"unsigned":["demo.#"]}');
  const hub = await startHub(log, ["--trust", trust]);
  t.teardown(() => hub.stop());
  await hub.until(/warn .*demo\.# may come unsigned/, "err");
  const publish = ["publish", "shop.order", '{"total":1.0}', "--dir", log];
  t.match(await cli(publish), { code: 1, err: /SIGNATURE_MISSING/ });
  t.match(await cli([...publish, "--sign", "alice", ...keys]), { code: 0, out: /accepted/ });
  const { out } = await cli(["query", "shop.#", "--json", "--dir", log]);
  t.match(out, /"msg":\{"total":1\.0\},"crypto":"ed25519","certificate":"SHA256:/);
  t.match(await cli(["doctor", "--dir", log]), { out: /warn {2}signatures .*demo\.# may come/ });
  const both = ["publish", "--envelopes", "--sign", "alice", "--dir", log];
  t.match(await cli(both), { code: 2, err: /--sign/ });
});
