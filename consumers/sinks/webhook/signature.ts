import { createHmac } from "node:crypto";
import type { Rule } from "../../plugin/option-rules.js";

const prefix = "whsec_";
/** Standard Webhooks: secrets have 192 to 512 bits. */
const secretBytes = { least: 24, most: 64 };

/** A secret as Standard Webhooks writes it: `whsec_` and base64 of 24 to 64 random bytes. */
export const secret: Rule = (value) => {
  const must = `must be ${prefix} and base64 of ${secretBytes.least} to ${secretBytes.most} bytes`;
  if (typeof value !== "string" || !/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(value)) return must;
  const { length } = keyOf(value);
  return length >= secretBytes.least && length <= secretBytes.most ? undefined : must;
};

function keyOf(value: string): Buffer {
  return Buffer.from(value.slice(prefix.length), "base64");
}

/** Signs payloads as Standard Webhooks 1.0 says, once with each secret. */
export class Signer {
  readonly #keys: readonly Buffer[];

  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map(keyOf);
  }

  /** The value of `webhook-signature`; the signed content is `ID.SECONDS.PAYLOAD`. */
  sign(id: string, seconds: number, payload: string): string {
    const content = `${id}.${seconds}.${payload}`;
    return this.#keys
      .map((key) => `v1,${createHmac("sha256", key).update(content).digest("base64")}`)
      .join(" ");
  }
}
