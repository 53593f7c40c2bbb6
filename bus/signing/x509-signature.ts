import { type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { FedbusError } from "../../schemas/errors.js";
import { canonicalMembers, joinMembers, pythonString } from "./python-json.js";
import type { EnvelopeSigner } from "./signature.js";

/**
 * fedmsg's signature: RSA (PKCS #1 v1.5) with SHA-1 over the canonical JSON of all members but `signature` and
 * `certificate`; both are base64 in lines of 76 characters, the certificate of its PEM text. SHA-1 is what every
 * fedmsg verifies: who starts now should sign with Ed25519.
 */
const digest = "sha1";
const lineLength = 76;

/** Signs so that fedmsg's own validation accepts it. The envelope becomes canonical JSON. */
export class X509Signer implements EnvelopeSigner {
  readonly name: string;
  readonly #key: KeyObject;
  readonly #certificate: string;

  /** Throws INPUT_INVALID unless `pem` is a certificate of RSA, and `key` the key to it. */
  constructor(pem: string, key: KeyObject) {
    const certificate = parseCertificate(pem);
    const isRsa = certificate?.publicKey.asymmetricKeyType === "rsa";
    if (certificate === undefined || !isRsa || !certificate.checkPrivateKey(key))
      throw new FedbusError("INPUT_INVALID", "not a certificate of RSA and the key to it");
    this.name = commonName(certificate);
    this.#key = key;
    this.#certificate = inLines(Buffer.from(certificate.toString()));
  }

  sign(envelope: string): string {
    const members = canonicalMembers(envelope);
    if (members.has("signature") || members.has("crypto"))
      throw new FedbusError("EVENT_INVALID", "the event is signed already");
    members.set("crypto", '"x509"');
    const signature = sign(digest, Buffer.from(joinMembers(members)), this.#key);
    members.set("signature", pythonString(inLines(signature)));
    members.set("certificate", pythonString(this.#certificate));
    return joinMembers(members);
  }
}

/** The certificate in an envelope's `certificate`; undefined if there is none in it. */
export function decodeCertificate(text: string): X509Certificate | undefined {
  const pem = fromBase64(text)?.toString("latin1");
  const certificate = pem === undefined ? undefined : parseCertificate(pem);
  // Nothing covers the certificate's text: what else stands in it, nobody has signed.
  const own = certificate?.toString().trimEnd();
  return pem === own || pem === `${own}\n` ? certificate : undefined;
}

/** Whether `signature`, base64, is the RSA key's over the envelope. Throws JSON_INVALID or JSON_TOO_DEEP. */
export function isSignedBy(envelope: string, signature: string, key: KeyObject): boolean {
  const members = canonicalMembers(envelope);
  members.delete("signature");
  members.delete("certificate");
  const bytes = fromBase64(signature);
  if (bytes === undefined || key.asymmetricKeyType !== "rsa") return false;
  return verify(digest, Buffer.from(joinMembers(members)), key, bytes);
}

/** The first common name of the certificate's subject, as fedmsg takes it; "" if it has none. */
export function commonName({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? "";
}

function parseCertificate(pem: string): X509Certificate | undefined {
  // DER is no fedmsg's: a certificate that only we could read must not count.
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Bytes from base64 in lines, or in one: undefined for any other text, so that bytes have these two. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text || inLines(bytes) === text ? bytes : undefined;
}

function inLines(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return `${lines.join("\n")}\n`;
}
