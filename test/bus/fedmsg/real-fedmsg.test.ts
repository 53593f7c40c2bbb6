import { createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import t, { type Test } from "tap";
import { eventsOf } from "../../../bus/event.js";
import { readTrust } from "../../../bus/signing/trust-file.js";
import { X509Signer } from "../../../bus/signing/x509-signature.js";
import { EnvelopeWriter } from "../../../schemas/envelope.js";
import { skipWithoutOpenssl } from "../../consumers/sinks/self-signed.js";
import { Pki } from "../signing/pki.js";
import { until } from "../turns.js";
import { type Joined, join } from "./joined.js";
import { type FedmsgProcess, realFedmsg } from "./python-fedmsg.js";

const fedmsg = await realFedmsg();
const { skip } = fedmsg;

/** A folder of its own: a test may need several. */
function folder(t: Test): string {
  const dir = mkdtempSync(path(tmpdir(), "fedbus-fedmsg-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A folder with fedmsg's configuration for the bus. */
function configured(t: Test, { face }: Joined, more: string = ""): string {
  const dir = folder(t);
  mkdirSync(path(dir, "fedmsg.d"));
  const { publish, inbound, replay } = face.addresses;
  const lines = [
    "import socket",
    'host = socket.gethostname().split(".", 1)[0]',
    'config = dict(topic_prefix="org.fedoraproject", environment="dev", zmq_enabled=True,',
    `  endpoints={"fedbus": ["${publish}"]}, relay_inbound=["${inbound}"],`,
    `  replay_endpoints={"fedbus": "${replay}"}, sign_messages=False, validate_signatures=False)`,
    'config["moksha.monitoring.socket"] = None',
    `config.update(${more || "{}"})`,
  ];
  writeFileSync(path(dir, "fedmsg.d", "bus.py"), `${lines.join("\n")}\n`);
  return dir;
}

/** Starts it; resolves once what the bus publishes arrives there. */
async function started(
  t: Test,
  { publisher }: Joined,
  run: {
    readonly process: FedmsgProcess;
    readonly probe: () => string;
    readonly heard: () => string;
  },
): Promise<FedmsgProcess> {
  const { process, probe, heard } = run;
  t.teardown(() => process.stop());
  await until(async () => {
    if (process.child.exitCode !== null) throw new Error(process.text);
    await publisher.publishEnvelopes([probe()]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return heard() !== "";
  });
  return process;
}

const writer = new EnvelopeWriter({ username: "ralph" });
const probe = () => writer.write("org.fedoraproject.dev.logger.log", { log: "probe" });

t.test("real fedmsg: fedmsg-tail shows the bus in all its ways", { skip }, async (t) => {
  const joined = await join(t);
  const dir = configured(t, joined);
  const tail = async (...args: string[]): Promise<FedmsgProcess> => {
    const process = fedmsg.start("tail", dir, "--no-validate", ...args);
    const heard = () => /probe/.exec(process.text)?.[0] ?? "";
    return await started(t, joined, { process, probe, heard });
  };
  const [plain, query, terse, pretty] = await Promise.all([
    tail(),
    tail("--topic", "org.fedoraproject.dev.logger", "--query", "msg.log,topic"),
    tail("--terse"),
    tail("--pretty"),
  ]);
  await joined.publisher.publish("org.fedoraproject.dev.wiki.edit", { log: "elsewhere" });
  await joined.publisher.publish("org.fedoraproject.dev.logger.log", { log: "käse €" });
  const shows = (process: FedmsgProcess, text: RegExp) =>
    until(async () => text.test(process.text));
  await shows(plain, /wiki\.edit[\s\S]*logger\.log[^\n]*k(?:ä|\\xe4|\\u00e4)se/);
  await shows(query, /k(?:ä|\\xe4)se €, org\.fedoraproject\.dev\.logger\.log/);
  await shows(terse, /wiki\.edit -- [\s\S]*logger\.log -- /);
  await shows(pretty, /'topic': 'org\.fedoraproject\.dev\.wiki\.edit'[\s\S]*'log': 'käse €'/);
  t.notMatch(query.text, /elsewhere/, "another prefix");
});

t.test(
  "real fedmsg: fedmsg-logger and fedmsg-announce publish into the bus",
  { skip },
  async (t) => {
    const joined = await join(t);
    const dir = configured(t, joined);
    await Promise.all([
      fedmsg.start("logger", dir).write("first line\nsecond line"),
      fedmsg.start("logger", dir, "--json-input", "--topic", "x").write('{"n": 1.0}'),
      fedmsg.start("announce", dir, "--link", "https://example.org").write("it is out"),
    ]);
    await until(async () => joined.face.counts.accepted === 4);
    const { blocks } = await joined.log.read({ from: 0, patterns: ["org.#"] });
    const events = blocks.flatMap(eventsOf);
    const bodies = events.map(({ topic, msg }) => `${topic} ${JSON.stringify(msg)}`).sort();
    t.strictSame(bodies, [
      'org.fedoraproject.dev.announce.announcement {"link":"https://example.org","message":"it is out"}',
      'org.fedoraproject.dev.logger.log {"log":"first line"}',
      'org.fedoraproject.dev.logger.log {"log":"second line"}',
      'org.fedoraproject.dev.logger.x {"n":1}',
    ]);
    t.ok(events.some(({ bytes }) => bytes.includes('"n": 1.0') || bytes.includes('"n":1.0')));
  },
);

t.test("real fedmsg: fedmsg-hub runs a consumer from the bus", { skip }, async (t) => {
  const joined = await join(t);
  const dir = configured(t, joined, '{"own.enabled": True}');
  const consumed = path(dir, "consumed.txt");
  const lines = [
    "import json, fedmsg.consumers",
    "class Own(fedmsg.consumers.FedmsgConsumer):",
    '    topic = "org.fedoraproject.dev.logger"',
    '    config_key = "own.enabled"',
    "    def consume(self, msg):",
    `        open(${JSON.stringify(consumed)}, "a").write(json.dumps(msg["body"]["msg"]) + "\\n")`,
  ];
  writeFileSync(path(dir, "own.py"), `${lines.join("\n")}\n`);
  writeFileSync(consumed, "");
  const heard = () => readFileSync(consumed, "utf8");
  const process = fedmsg.start("hub", dir, "--with-consumers", "own:Own");
  await started(t, joined, { process, probe, heard });
  await joined.publisher.publish("org.fedoraproject.dev.logger.log", { log: "for the hub" });
  await until(async () => heard().includes('{"log": "for the hub"}\n'));
});

t.test(
  "real fedmsg: validates what we sign, and refuses what is tampered with or revoked",
  { skip: skip || skipWithoutOpenssl },
  async (t) => {
    const { pki, alice, carol } = signers(t);
    pki.revoke("carol");
    const joined = await join(t);
    const crypto = `{"ca_cert_location": "${pki.authority}", "crl_location": "${path(pki.dir, "crl.pem")}",
      "crypto_backend": "x509", "crypto_validate_backends": ["x509"], "routing_policy":
      {"org.fedoraproject.dev.only.bob": ["bob"]}, "routing_nitpicky": False, "ssldir": "${pki.dir}"}`;
    const process = fedmsg.start(
      "tail",
      configured(t, joined, crypto),
      ...["--validate", "--query", "msg.log"],
    );
    const log = (text: string, topic = "org.fedoraproject.dev.logger.log") =>
      writer.write(topic, { log: text, f: [1e21, 1.5e-9, 100, "Zoë 😀 \u007f"] });
    await started(t, joined, {
      process,
      probe: () => alice.sign(log("probe")),
      heard: () => /INFO\] probe/.exec(process.text)?.[0] ?? "",
    });
    await joined.publisher.publishEnvelopes([
      alice.sign(log("tampered")).replace('"tampered"', '"Tampered"'),
      carol.sign(log("revoked")),
      alice.sign(log("forbidden", "org.fedoraproject.dev.only.bob")),
      log("unsigned"),
      alice.sign(log("good")),
    ]);
    await until(async () => /INFO\] good/.test(process.text));
    t.notMatch(process.text, /INFO\] (?:Tampered|tampered|revoked|forbidden|unsigned)/);
  },
);

t.test(
  "real fedmsg: what it signs passes a bus that trusts its authority",
  { skip: skip || skipWithoutOpenssl },
  async (t) => {
    const { pki } = signers(t);
    const file = path(pki.dir, "trust.json");
    writeFileSync(
      file,
      '{"authorities":["ca.crt"],"routing":{"org.fedoraproject.dev.logger.#":["alice"]},"unlisted":"refuse"}',
    );
    const joined = await join(t, undefined, await readTrust(file));
    const signing = `{"sign_messages": True, "crypto_backend": "x509", "ssldir": "${pki.dir}",
      "certnames": {"shell." + host: "alice", "announce." + host: "alice"}}`;
    const dir = configured(t, joined, signing);
    await fedmsg
      .start("logger", dir, "--json-input")
      .write('{"text": "Zoë 😀", "n": [1.0, 1e30, -0.0]}');
    await until(async () => joined.face.counts.accepted === 1);
    await fedmsg.start("announce", dir).write("not alice's topic");
    await until(async () => joined.face.counts.refused === 1);
    await fedmsg.start("logger", configured(t, joined)).write("unsigned");
    await until(async () => joined.face.counts.refused === 2);
    t.equal(joined.face.counts.accepted, 1);
  },
);

function signers(t: Test) {
  const pki = new Pki(folder(t));
  const [alice, carol] = (["alice", "carol"] as const).map(
    (name) => new X509Signer(pki.issue(name), createPrivateKey(pki.read(`${name}.key`))),
  ) as [X509Signer, X509Signer];
  return { pki, alice, carol };
}
