import type { EnvelopeSigner } from "../../bus/signing/signature.js";
import { EnvelopeWriter } from "../../schemas/envelope.js";
import { FedbusError } from "../../schemas/errors.js";

const placeholder = '"msg":null}';

/** Writes envelopes around bodies that are JSON text already: numbers and spaces stay as written. */
export class BodyEnvelopes {
  readonly #writer: EnvelopeWriter;
  readonly #signer: EnvelopeSigner | undefined;

  constructor(version: string, signer?: EnvelopeSigner) {
    this.#signer = signer;
    this.#writer = new EnvelopeWriter({ sourceName: "fedbus-cli", sourceVersion: version });
  }

  /** Throws JSON_INVALID unless `body` is one JSON value, and TOPIC_INVALID. */
  write(topic: string, body: Buffer): Buffer {
    checkJson(body);
    const envelope = this.#writer.write(topic, null);
    if (!envelope.endsWith(placeholder)) throw new Error("the body is not the envelope's end");
    const opening = envelope.slice(0, -"null}".length);
    const bytes = Buffer.concat([Buffer.from(opening), body, Buffer.from("}")]);
    if (this.#signer === undefined) return bytes;
    return Buffer.from(this.#signer.sign(bytes.toString("utf8")));
  }
}

function checkJson(body: Buffer): void {
  try {
    JSON.parse(body.toString("utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FedbusError("JSON_INVALID", `the body is not JSON: ${why}`, {
      details: { remedy: `write JSON, such as '{"id": 1}' or '"text"', in single quotes` },
      cause,
    });
  }
}
