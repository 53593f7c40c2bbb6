import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { FedbusError } from "../../schemas/errors.js";
import type { EnvelopeSigner } from "./signature.js";

/**
 * The native signature: Ed25519 over the envelope's bytes as they are, with nothing to canonicalise.
 * `crypto`, `certificate` (the key's fingerprint) and `signature` are the envelope's last members, in this order
 * and without spaces:
 *
 *     {…,"crypto":"ed25519","certificate":"SHA256:…","signature":"86 characters=="}
 *
 * What is signed is everything before `,"signature"`, in the pre-authentication encoding of DSSE
 * (`DSSEv1 LENGTH TYPE LENGTH BYTES`), so that no other use of the key can yield such a signature.
 */
const payloadType = "application/vnd.fedbus.event+json";
const tail = /^,"signature":"([A-Za-z0-9+/]{86}==)"\}$/;
/** Bytes of such a tail. */
const tailBytes = 104;

/** Signs with a private key of Ed25519. */
export class NativeSigner implements EnvelopeSigner {
  readonly name: string;
  readonly #key: KeyObject;

  /** Throws INPUT_INVALID for a key of another kind. */
  constructor(key: KeyObject) {
    if (key.type !== "private" || key.asymmetricKeyType !== "ed25519")
      throw new FedbusError("INPUT_INVALID", "not a private key of Ed25519");
    this.#key = key;
    this.name = fingerprint(createPublicKey(key));
  }

  sign(envelope: string): string {
    if (!envelope.startsWith('{"') || !envelope.endsWith("}"))
      throw new FedbusError("EVENT_INVALID", "the event must be an object, without spaces around");
    const given = JSON.parse(envelope) as object;
    if ("signature" in given || "crypto" in given || "certificate" in given)
      throw new FedbusError("EVENT_INVALID", "the event is signed already");
    const signed = `${envelope.slice(0, -1)},"crypto":"ed25519","certificate":"${this.name}"`;
    const signature = sign(null, preAuthentication(Buffer.from(signed)), this.#key);
    return `${signed},"signature":"${signature.toString("base64")}"}`;
  }
}

/** Whether the envelope's bytes end in a signature of the key over what stands before it. */
export function isNativelySignedBy(bytes: Buffer, key: KeyObject): boolean {
  const at = bytes.length - tailBytes;
  const [, text = ""] = tail.exec(bytes.toString("latin1", Math.max(0, at))) ?? [];
  const signature = Buffer.from(text, "base64");
  // One signature has one text: the last character's spare bits must be zero.
  if (text === "" || signature.toString("base64") !== text) return false;
  return verify(null, preAuthentication(bytes.subarray(0, at)), key, signature);
}

/** `SHA256:` and the base64 of the SHA-256 of the public key (SPKI, DER), 51 characters. */
export function fingerprint(key: KeyObject): string {
  const spki = key.export({ type: "spki", format: "der" });
  return `SHA256:${createHash("sha256").update(spki).digest("base64")}`;
}

/** A key in PEM; undefined if it is none. */
export function parseKey(pem: string | Buffer, type: "private" | "public"): KeyObject | undefined {
  try {
    return type === "private" ? createPrivateKey(pem) : createPublicKey(pem);
  } catch {
    return undefined;
  }
}

function preAuthentication(payload: Buffer): Buffer {
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
