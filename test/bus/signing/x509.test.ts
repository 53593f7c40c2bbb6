import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { Authorities } from "../../../bus/signing/authorities.js";
import { Trust, type TrustOptions } from "../../../bus/signing/trust.js";
import { readTrust } from "../../../bus/signing/trust-file.js";
import { X509Signer } from "../../../bus/signing/x509-signature.js";
import type { Envelope } from "../../../schemas/envelope.js";
import { EnvelopeWriter } from "../../../schemas/index.js";
import { skipWithoutOpenssl } from "../../consumers/sinks/self-signed.js";
import { realPath, skipWithoutData } from "../../real-data.js";
import { assertProperty } from "../../schemas/property.js";
import { Pki } from "./pki.js";
import { signedLines } from "./signed-lines.js";

function check(trust: Trust, text: string) {
  return trust.check(JSON.parse(text) as Envelope, Buffer.from(text));
}

t.test("x509: Fedora's messages", { skip: skipWithoutData }, async (t) => {
  const path = join(t.testdir(), "trust.json");
  await writeFile(
    path,
    JSON.stringify({ authorities: [realPath("fedmsg-ca.crt")], validAt: "timestamp" }),
  );
  const trust = await readTrust(path);
  const lines = await signedLines(realPath("signed-wire.ndjson"));

  t.test("x509: all 173 verify, with names of Fedora's hosts", async (t) => {
    const names = lines.map((line) => check(trust, line)?.name);
    t.equal(names.length, 173);
    t.ok(names.every((name) => /fedoraproject\.org$|monitoring\.org$/.test(name ?? "")));
  });

  t.test("x509: spaces and another order of members change nothing", async (t) => {
    const [line = ""] = lines;
    const [, username = ""] = /("username":"\w+")\}$/.exec(line) ?? [];
    const other = line.replace(`,${username}}`, "\n}").replace("{", `{ ${username} , `);
    t.not(other, line);
    t.strictSame(check(trust, other), check(trust, line));
  });

  t.test("x509: no copy with one character changed verifies", async (t) => {
    let parsed = 0;
    assertProperty(
      fc.property(
        fc.constantFrom(...lines),
        fc.nat(1_000_000),
        fc.constantFrom(..."aZ09 .}\\n+/="),
        (line, place, character) => {
          const at = place % line.length;
          const changed = line.slice(0, at) + character + line.slice(at + 1);
          let event: Envelope;
          try {
            event = JSON.parse(changed) as Envelope;
          } catch {
            return;
          }
          if (sameValue(line, changed)) return;
          parsed++;
          try {
            trust.check(event, Buffer.from(changed));
          } catch {
            return;
          }
          throw new Error(`verifies, changed at ${at}`);
        },
      ),
      1500,
    );
    t.ok(parsed > 100, `${parsed} changed copies were JSON`);
  });

  t.test("x509: no copy with a member changed, added or taken away verifies", async (t) => {
    for (const line of lines.slice(0, 40)) {
      const event = JSON.parse(line) as Record<string, unknown>;
      for (const key of Object.keys(event)) {
        const { [key]: value, ...rest } = event;
        const other =
          typeof value === "number" ? value + 1 : typeof value === "string" ? `${value} ` : null;
        for (const changed of [rest, { ...rest, [key]: other }, { ...event, [`${key}2`]: 1 }])
          t.throws(
            () => check(trust, JSON.stringify(changed)),
            { name: "FedbusError" },
            `${key} of ${event.topic}`,
          );
      }
    }
  });

  t.test("x509: certificates that have expired do not hold now", async (t) => {
    const ca = new X509Certificate(await readFile(realPath("fedmsg-ca.crt")));
    const now = new Trust({ authorities: new Authorities([ca], []), keys: new Map() });
    t.throws(() => check(now, lines[0]!), { code: "SIGNER_UNTRUSTED" });
  });
});

/** Whether the change is none, or is too small for the number it is in. */
function sameValue(one: string, other: string): boolean {
  return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
}

t.test("x509: an authority of our own", { skip: skipWithoutOpenssl }, async (t) => {
  const pki = new Pki(t.testdir());
  const alice = signer("alice");
  const bob = signer("bob");
  const authority = new X509Certificate(pki.read("ca.crt"));
  const writer = new EnvelopeWriter({ username: "käthe" });
  const trusting = (options: Partial<TrustOptions> = {}, crls: readonly string[] = []): Trust =>
    new Trust({ authorities: new Authorities([authority], crls), keys: new Map(), ...options });

  function signer(name: string, ...how: readonly string[]): X509Signer {
    const certificate = pki.issue(name, ...how);
    return new X509Signer(certificate, createPrivateKey(pki.read(`${name}.key`)));
  }

  t.test("x509: what we sign verifies, and is canonical", async (t) => {
    const text = alice.sign(writer.write("shop.order", { total: 9.5, name: "Zoë 😀", big: 1e21 }));
    t.strictSame(check(trusting(), text), { kind: "x509", name: "alice" });
    t.match(text, /^\{"certificate":"[\w+/=\\]+\\n","crypto":"x509",/);
    t.throws(() => check(trusting(), text.replace("shop.order", "shop.other")), {
      code: "SIGNATURE_INVALID",
    });
    t.throws(() => alice.sign(text), { code: "EVENT_INVALID" });
  });

  t.test("x509: the rule of the most specific pattern decides who may sign", async (t) => {
    const trust = trusting({
      routing: { "shop.#": ["alice"], "shop.order.created": ["bob"] },
      unlisted: "refuse",
    });
    const by = (who: X509Signer, topic: string) => () =>
      check(trust, who.sign(writer.write(topic, 1)));
    t.ok(by(alice, "shop.other")());
    t.ok(by(bob, "shop.order.created")());
    t.throws(by(alice, "shop.order.created"), { code: "SIGNER_FORBIDDEN" });
    t.throws(by(bob, "shop.other"), { code: "SIGNER_FORBIDDEN" });
    t.throws(by(bob, "elsewhere"), { code: "SIGNER_FORBIDDEN" });
    t.ok(check(trusting(), bob.sign(writer.write("elsewhere", 1))));
  });

  t.test("x509: a revoked certificate is not trusted", async (t) => {
    const carol = signer("carol");
    const text = carol.sign(writer.write("shop.order", 1));
    pki.revoke();
    t.ok(check(trusting({}, [pki.read("crl.pem")]), text));
    pki.revoke("carol");
    const trust = trusting({}, [pki.read("crl.pem")]);
    t.throws(() => check(trust, text), {
      code: "SIGNER_UNTRUSTED",
      message: /revoked/,
    });
    t.ok(check(trust, alice.sign(writer.write("shop.order", 1))));
    t.ok(trust.revocationsUntil! > Date.now());
  });

  t.test("x509: what an authority has revoked stays so when it is renewed", async (t) => {
    const extensions = join(pki.dir, "issuer.cnf");
    await writeFile(extensions, "authorityKeyIdentifier=issuer:always\n");
    const dave = signer("dave", "-extfile", extensions);
    const text = dave.sign(writer.write("shop.order", 1));
    pki.revoke("dave");
    const renewed = new X509Certificate(pki.renew());
    const both = [renewed, authority];
    for (const authorities of [both, both.toReversed()]) {
      const parts = (crls: readonly string[]) => ({
        authorities: new Authorities(authorities, crls),
        keys: new Map(),
      });
      t.ok(check(new Trust(parts([])), text));
      const trust = new Trust(parts([pki.read("crl.pem")]));
      t.throws(() => check(trust, text), { code: "SIGNER_UNTRUSTED", message: /revoked/ });
    }
  });

  t.test("x509: every list and every authority of a file counts", async (t) => {
    const other = new Pki(t.testdir(), "another authority");
    const erin = new X509Signer(other.issue("erin"), createPrivateKey(other.read("erin.key")));
    const texts = [erin, alice].map((who) => who.sign(writer.write("shop.order", 1)));
    other.revoke("erin");
    pki.revoke();
    const path = join(other.dir, "trust.json");
    const reading = async (revocations: string) => {
      await writeFile(join(other.dir, "all.crt"), pki.read("ca.crt") + other.read("ca.crt"));
      await writeFile(join(other.dir, "all.pem"), revocations);
      const files = { authorities: ["all.crt"], revocations: revocations ? ["all.pem"] : [] };
      await writeFile(path, JSON.stringify(files));
      return await readTrust(path);
    };
    const trust = await reading("");
    t.strictSame(
      texts.map((text) => check(trust, text)?.name),
      ["erin", "alice"],
    );
    const both = pki.read("crl.pem") + other.read("crl.pem");
    const revoking = await reading(both);
    t.throws(() => check(revoking, texts[0]!), { code: "SIGNER_UNTRUSTED", message: /revoked/ });
    t.ok(check(revoking, texts[1]!));
    const cut = both.slice(0, both.lastIndexOf("-----END"));
    await t.rejects(reading(cut), { code: "INPUT_INVALID", message: /no end/ });
    await writeFile(join(other.dir, "leaf.crt"), other.read("ca.crt") + other.read("erin.crt"));
    await writeFile(path, JSON.stringify({ authorities: ["leaf.crt"] }));
    await t.rejects(readTrust(path), { code: "INPUT_INVALID" });
  });

  t.test("x509: a certificate holds from its first day to its last", async (t) => {
    const past = signer("past", "-startdate", "20200101000000Z", "-enddate", "20210101000000Z");
    const text = past.sign(writer.write("shop.order", 1));
    t.throws(() => check(trusting(), text), { code: "SIGNER_UNTRUSTED", message: /does not hold/ });
    t.ok(check(trusting({ clock: () => Date.UTC(2020, 5) }), text));
    t.throws(() => check(trusting({ clock: () => Date.UTC(2019, 5) }), text), {
      code: "SIGNER_UNTRUSTED",
    });
  });

  t.test("x509: another authority of the same name is another", async (t) => {
    const other = new Pki(t.testdir());
    const mallory = new X509Signer(other.issue("alice"), createPrivateKey(other.read("alice.key")));
    const text = mallory.sign(writer.write("shop.order", 1));
    t.throws(() => check(trusting(), text), { code: "SIGNER_UNTRUSTED" });
    other.revoke("alice");
    t.throws(() => trusting({}, [other.read("crl.pem")]), { code: "INPUT_INVALID" });
    t.throws(() => trusting({}, ["no list"]), { code: "INPUT_INVALID" });
  });

  t.test("x509: what is not signed is refused, but for topics that may come so", async (t) => {
    const trust = trusting({ unsigned: ["demo.#"] });
    t.equal(check(trust, writer.write("demo.a", 1)), undefined);
    t.throws(() => check(trust, writer.write("shop.a", 1)), { code: "SIGNATURE_MISSING" });
    const half = '{"topic":"demo.a","msg":1,"crypto":"x509"}';
    t.throws(() => check(trust, half), { code: "SIGNATURE_INVALID" });
    const gpg = '{"topic":"demo.a","msg":1,"crypto":"gpg","signature":"x","certificate":"y"}';
    t.throws(() => check(trust, gpg), { code: "SIGNATURE_INVALID" });
  });

  t.test("x509: a certificate without its key is no signer", async (t) => {
    const key = createPrivateKey(pki.read("bob.key"));
    t.throws(() => new X509Signer(pki.read("alice.crt"), key), { code: "INPUT_INVALID" });
  });
});
