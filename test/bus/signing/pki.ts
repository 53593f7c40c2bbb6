import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An authority of its own, which issues and revokes certificates, in a directory. */
export class Pki {
  readonly dir: string;
  readonly authority: string;
  readonly #name: string;

  /** Makes the authority. */
  constructor(dir: string, name = "test authority") {
    this.#name = name;
    this.dir = dir;
    this.authority = join(dir, "ca.crt");
    const lines = [
      "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\nserial=serial",
      "new_certs_dir=.\ncertificate=ca.crt\nprivate_key=ca.key\ndefault_md=sha256",
      "default_crl_days=30\ndefault_days=30\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n",
    ];
    writeFileSync(join(dir, "ca.cnf"), lines.join("\n"));
    writeFileSync(join(dir, "index.txt"), "");
    writeFileSync(join(dir, "serial"), "1000\n");
    writeFileSync(join(dir, "crlnumber"), "01\n");
    const request = `req -x509 -newkey rsa:2048 -nodes -days 30 -keyout ca.key -out ca.crt`;
    this.#openssl(...request.split(" "), "-subj", `/CN=${name}`);
  }

  /** Issues `name.crt` with `name.key`; more arguments go to `openssl ca`. The certificate's PEM. */
  issue(name: string, ...how: readonly string[]): string {
    const request = `req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr`;
    this.#openssl(...request.split(" "), "-subj", `/CN=${name}`);
    const sign = `ca -batch -notext -config ca.cnf -in ${name}.csr -out ${name}.crt`;
    this.#openssl(...sign.split(" "), ...how);
    return this.read(`${name}.crt`);
  }

  /** The authority's new certificate: its name and key as before, another serial number. */
  renew(): string {
    const request = "req -x509 -new -key ca.key -days 30 -out renewed.crt";
    this.#openssl(...request.split(" "), "-subj", `/CN=${this.#name}`);
    return this.read("renewed.crt");
  }

  /** Revokes it, and makes a new `crl.pem` of all that is revoked. */
  revoke(...names: readonly string[]): void {
    for (const name of names) this.#openssl("ca", "-config", "ca.cnf", "-revoke", `${name}.crt`);
    this.#openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", "crl.pem");
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), "utf8");
  }

  #openssl(...args: readonly string[]): void {
    execFileSync("openssl", args, { cwd: this.dir, stdio: "pipe" });
  }
}
