import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { mkdir, open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError } from "../../schemas/errors.js";
import { fingerprint, NativeSigner, parseKey } from "./native-signature.js";
import type { EnvelopeSigner } from "./signature.js";
import { X509Signer } from "./x509-signature.js";

/** A name for a key: it becomes the names of files. */
const grammar = /^[\w][\w.@-]{0,63}$/;
const ownerOnly = 0o600;

/** A key in a directory of keys. */
export interface KeyInfo {
  readonly name: string;
  readonly kind: "ed25519" | "x509";
  /** Of the public key; of a certificate, its own SHA-256. */
  readonly fingerprint: string;
  /** Whether the private key is there too. */
  readonly canSign: boolean;
}

/**
 * A directory of keys: NAME.key is a private key (PKCS #8, PEM, for its owner only), NAME.pub the public key
 * (SPKI, PEM), and NAME.crt a certificate, where NAME.key is the key to that, as in fedmsg's `ssldir`.
 */
export class KeyFiles {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Makes a key pair of Ed25519. Rejects with KEY_EXISTS or OPTIONS_INVALID. */
  async create(name: string): Promise<KeyInfo> {
    checkName(name);
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" });
    await this.#write(`${name}.key`, pem, ownerOnly);
    await this.#write(`${name}.pub`, publicKey.export({ type: "spki", format: "pem" }), 0o644);
    return await this.show(name);
  }

  /** All keys, by name. None if there is no such directory. */
  async list(): Promise<KeyInfo[]> {
    const files = await readdir(this.dir).catch(() => [] as string[]);
    const names = files.flatMap((file) => /^(.+)\.(?:pub|crt)$/.exec(file)?.[1] ?? []);
    const keys = [...new Set(names)].sort().map((name) => this.show(name));
    return await Promise.all(keys);
  }

  /** Rejects with KEY_NOT_FOUND, or INPUT_INVALID if the file holds no key. */
  async show(name: string): Promise<KeyInfo> {
    checkName(name);
    const canSign = (await this.#read(`${name}.key`)) !== undefined;
    const certificate = await this.#read(`${name}.crt`);
    if (certificate !== undefined) {
      const print = `SHA256:${new X509Certificate(certificate).fingerprint256}`;
      return { name, kind: "x509", fingerprint: print, canSign };
    }
    const pem = await this.#read(`${name}.pub`);
    if (pem === undefined) throw this.#notFound(name);
    const key = parseKey(pem, "public");
    if (key?.asymmetricKeyType !== "ed25519") throw unusable(join(this.dir, `${name}.pub`));
    return { name, kind: "ed25519", fingerprint: fingerprint(key), canSign };
  }

  /** What signs with that key. Rejects as `show` does, and if others may read the private key. */
  async signer(name: string): Promise<EnvelopeSigner> {
    checkName(name);
    const key = await this.#privateKey(name);
    const certificate = await this.#read(`${name}.crt`);
    return certificate === undefined ? new NativeSigner(key) : new X509Signer(certificate, key);
  }

  async #privateKey(name: string): Promise<KeyObject> {
    const path = join(this.dir, `${name}.key`);
    const pem = await this.#read(`${name}.key`);
    if (pem === undefined) throw this.#notFound(name);
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw new FedbusError("INPUT_INVALID", `${path} can be read by others`, {
        details: { path, remedy: `chmod 600 ${path}` },
      });
    const key = parseKey(pem, "private");
    if (key === undefined) throw unusable(path);
    return key;
  }

  async #read(file: string): Promise<string | undefined> {
    return await readFile(join(this.dir, file), "utf8").catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
  }

  async #write(file: string, content: string | Buffer, mode: number): Promise<void> {
    const path = join(this.dir, file);
    try {
      await using handle = await open(path, "wx", mode);
      await handle.writeFile(content);
      await handle.sync();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      throw new FedbusError("KEY_EXISTS", `there is a key already: ${path}`, { cause });
    }
  }

  #notFound(name: string): FedbusError {
    return new FedbusError("KEY_NOT_FOUND", `there is no key "${name}" in ${this.dir}`);
  }
}

function checkName(name: string): void {
  if (grammar.test(name)) return;
  throw new FedbusError("OPTIONS_INVALID", `"${name}" is no name for a key`, {
    details: { remedy: "letters, digits and _ . @ -, at most 64" },
  });
}

function unusable(path: string): FedbusError {
  return new FedbusError("INPUT_INVALID", `${path} holds no key that can be used`, {
    details: { path },
  });
}
