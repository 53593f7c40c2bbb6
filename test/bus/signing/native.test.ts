import { generateKeyPairSync } from "node:crypto";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { openBus } from "../../../bus/open-bus.js";
import { KeyFiles } from "../../../bus/signing/key-files.js";
import { NativeSigner } from "../../../bus/signing/native-signature.js";
import { readTrust } from "../../../bus/signing/trust-file.js";
import type { Envelope } from "../../../schemas/envelope.js";
import { EnvelopeWriter } from "../../../schemas/index.js";
import { assertProperty } from "../../schemas/property.js";

async function trusted(dir: string, rules: object = {}) {
  const keys = new KeyFiles(join(dir, "keys"));
  const info = await keys.create("alice");
  const path = join(dir, "trust.json");
  await writeFile(path, JSON.stringify({ keys: ["keys/alice.pub"], ...rules }));
  return { keys, info, trust: await readTrust(path), signer: await keys.signer("alice") };
}

t.test("native signatures: verify over the bytes, and over no others", async (t) => {
  const { info, trust, signer } = await trusted(t.testdir());
  t.equal(signer.name, info.fingerprint);
  const text = signer.sign(new EnvelopeWriter().write("shop.order", { total: 1.5, text: "a, b" }));
  const check = (changed: string) =>
    trust.check(JSON.parse(changed) as Envelope, Buffer.from(changed));
  t.strictSame(check(text), { kind: "ed25519", name: "alice" });
  assertProperty(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(..."aZ09 .}\\n+/=,"), (at, character) => {
      const changed = text.slice(0, at) + character + text.slice(at + 1);
      if (changed === text) return;
      try {
        JSON.parse(changed);
      } catch {
        return;
      }
      t.throws(() => check(changed), { name: "FedbusError" }, `changed at ${at}`);
    }),
  );
  for (const padded of [`${text} `, ` ${text}`, text.replace(/\}$/, ',"more":1}')])
    t.throws(() => check(padded), { code: "SIGNATURE_INVALID" });
  t.throws(() => signer.sign(text), { code: "EVENT_INVALID" });
  t.throws(() => signer.sign("[]"), { code: "EVENT_INVALID" });
});

t.test("native signatures: an unknown key is not trusted", async (t) => {
  const { trust } = await trusted(t.testdir());
  const stranger = new NativeSigner(generateKeyPairSync("ed25519").privateKey);
  const text = stranger.sign('{"topic":"a","msg":1}');
  t.throws(() => trust.check(JSON.parse(text) as Envelope, Buffer.from(text)), {
    code: "SIGNER_UNTRUSTED",
  });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  t.throws(() => new NativeSigner(privateKey), { code: "INPUT_INVALID" });
});

t.test(
  "native signatures: a bus with a trust file takes what is signed, and says so",
  async (t) => {
    const { trust, signer } = await trusted(t.testdir(), {
      unsigned: ["demo.#"],
      routing: { "shop.#": ["alice"], "office.#": ["bob"] },
    });
    await using bus = await openBus({ trust });
    t.strictSame((await bus.stats()).unsigned, ["demo.#"]);
    await using signing = bus.publisher({ signer });
    const offset = await signing.publish("shop.order", { id: 1 });
    await t.rejects(signing.publish("office.light", 1), { code: "SIGNER_FORBIDDEN" });
    await using plain = bus.publisher();
    await t.rejects(plain.publish("shop.order", { id: 2 }), { code: "SIGNATURE_MISSING" });
    t.equal(await plain.publish("demo.a", 1), offset + 1);
    const [outcome] = await plain.publishMany([{ topic: "shop.order", msg: 1 }]);
    t.match(outcome, { error: { code: "SIGNATURE_MISSING" } });
    await bus.registerSchema({ name: "a", version: 1, topics: ["a"], schema: {} });
    t.throws(() => bus.publisher({ signer: {} as never }), { code: "OPTIONS_INVALID" });
  },
);

t.test("keys: a private key is its owner's alone", async (t) => {
  const keys = new KeyFiles(join(t.testdir(), "keys"));
  t.strictSame(await keys.list(), []);
  const info = await keys.create("alice");
  t.match(info, { name: "alice", kind: "ed25519", canSign: true });
  t.match(info.fingerprint, /^SHA256:[A-Za-z0-9+/]{43}=$/);
  const path = join(keys.dir, "alice.key");
  t.equal((await stat(path)).mode & 0o777, 0o600);
  const before = await readFile(path);
  await t.rejects(keys.create("alice"), { code: "KEY_EXISTS" });
  t.strictSame(await readFile(path), before);
  await chmod(path, 0o644);
  await t.rejects(keys.signer("alice"), { code: "INPUT_INVALID" });
  await t.rejects(keys.show("bob"), { code: "KEY_NOT_FOUND" });
  await t.rejects(keys.signer("bob"), { code: "KEY_NOT_FOUND" });
  await t.rejects(keys.create("../bob"), { code: "OPTIONS_INVALID" });
  await writeFile(join(keys.dir, "junk.pub"), "junk");
  await t.rejects(keys.show("junk"), { code: "INPUT_INVALID" });
});

t.test("trust file: what cannot be used is refused, all at once", async (t) => {
  const dir = t.testdir({
    "a.json": "{",
    "b.json": '{"key":[],"validAt":1}',
    "c.json": '{"keys":["a.json"]}',
    "d.json": '{"authorities":["a.json"]}',
  });
  for (const file of ["a.json", "b.json", "c.json", "d.json"])
    await t.rejects(readTrust(join(dir, file)), { code: "INPUT_INVALID" }, file);
  await t.rejects(readTrust(join(dir, "b.json")), { message: /key.*;.*validAt/ });
});
