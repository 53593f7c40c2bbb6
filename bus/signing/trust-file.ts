import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { FedbusError } from "../../schemas/errors.js";
import { SchemaCompiler } from "../../schemas/index.js";
import type { Clock } from "../kernel/clock.js";
import { Authorities } from "./authorities.js";
import { fingerprint, parseKey } from "./native-signature.js";
import { pemBlocks } from "./pem.js";
import type { RoutingRules } from "./routing-policy.js";
import { Trust } from "./trust.js";

/** A trust file as it is written: paths are relative to it. docs/fedmsg.md describes it. */
interface TrustFile extends RoutingRules {
  readonly authorities?: readonly string[];
  readonly revocations?: readonly string[];
  readonly keys?: readonly string[];
  readonly unsigned?: readonly string[];
  readonly validAt?: "now" | "timestamp";
}

const texts = { type: "array", items: { type: "string", minLength: 1 } } as const;
const schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    authorities: texts,
    revocations: texts,
    keys: texts,
    unsigned: texts,
    routing: { type: "object", additionalProperties: texts },
    unlisted: { enum: ["accept", "refuse"] },
    validAt: { enum: ["now", "timestamp"] },
  },
} as const;

/** Reads whom to trust. Rejects with INPUT_INVALID, PATTERN_INVALID, or as `readFile` does. */
export async function readTrust(path: string, options: { clock?: Clock } = {}): Promise<Trust> {
  const file = parseTrust(await readFile(path, "utf8"), path);
  const at = (name: string): string => resolve(dirname(path), name);
  const read = (names: readonly string[] = []): Promise<string[]> =>
    Promise.all(names.map((name) => readFile(at(name), "utf8")));
  const { authorities, revocations, keys, ...rules } = file;
  const certificates = (await read(authorities)).flatMap((pem, index) =>
    authoritiesOf(pem, at(authorities![index]!)),
  );
  const publicKeys = (await read(keys)).map((pem, index) => publicKey(pem, at(keys![index]!)));
  return new Trust({
    ...rules,
    ...options,
    authorities: new Authorities(certificates, await read(revocations)),
    keys: new Map(publicKeys),
  });
}

function parseTrust(text: string, path: string): TrustFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable(path, `it is not JSON: ${(cause as Error).message}`);
  }
  const problems = new SchemaCompiler().compileComplete(schema, "2020-12")(value);
  const said = problems.map(({ pointer, expected }) => `${pointer || "it"} ${expected}`);
  if (said.length > 0) throw unusable(path, said.join("; "));
  return value as TrustFile;
}

/** All certificates of a file, which may be a bundle. */
function authoritiesOf(text: string, path: string): X509Certificate[] {
  const blocks = pemBlocks(text, ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]);
  try {
    const certificates = (blocks ?? []).map((block) => new X509Certificate(block));
    if (certificates.length > 0 && certificates.every(({ ca }) => ca)) return certificates;
  } catch {
    // Told below.
  }
  throw unusable(path, "it is no certificate of an authority, or not all in it are");
}

function publicKey(pem: string, path: string) {
  const key = parseKey(pem, "public");
  // `createPublicKey` would make one of a private key, which has no business here.
  if (key?.asymmetricKeyType !== "ed25519" || pem.includes("PRIVATE"))
    throw unusable(path, "it is no public key of Ed25519");
  const name = basename(path).replace(/\.pub$/, "");
  return [fingerprint(key), { name, key }] as const;
}

function unusable(path: string, why: string): FedbusError {
  return new FedbusError("INPUT_INVALID", `${path}: ${why}`, { details: { path } });
}
