import { type KeyObject, verify, type X509Certificate } from "node:crypto";
import { FedbusError } from "../../schemas/errors.js";
import { type DerElement, derElements, derTags, derTime, oidText } from "./der.js";
import { pemBlocks, pemBytes } from "./pem.js";

/** Digests by the OID of the signature (RFC 4055, RFC 5758). MD5 and older are left out on purpose. */
const digests: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.5": "sha1",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};

/**
 * A list of revoked certificates (RFC 5280, section 5), read and held against its authority. Node has no
 * reader for them; of nine fields four count here, so this is one and not a package of ASN.1.
 */
export interface Revocations {
  /**
   * The key that signed the list. A renewed authority keeps it, so what the list revokes is revoked by whichever of
   * the authorities with this key a certificate names.
   */
  readonly key: KeyObject;
  /** When the next list should have come, ms since 1970; undefined if the list does not say. */
  readonly nextUpdate: number | undefined;
  /** Serial numbers of revoked certificates. */
  readonly serials: ReadonlySet<bigint>;
}

/** Throws INPUT_INVALID unless `text` is lists in PEM, at least one, each signed by one of the authorities. */
export function readRevocations(
  text: string,
  authorities: readonly X509Certificate[],
): Revocations[] {
  const blocks = pemBlocks(text, ["X509 CRL"]);
  if (blocks === undefined) throw invalid("a CRL in PEM in it has no end");
  if (blocks.length === 0) throw invalid("there is no CRL in PEM in it");
  return blocks.map((block) => readList(pemBytes(block), authorities));
}

function readList(bytes: Buffer, authorities: readonly X509Certificate[]): Revocations {
  const [outer] = derElements(bytes);
  const [list, algorithm, bits] = inside(outer);
  if (list === undefined || algorithm === undefined || bits?.tag !== derTags.bitString)
    throw invalid("it is not built as a CRL");
  const digest = digests[oidText(inside(algorithm)[0]?.content ?? Buffer.alloc(0))];
  if (digest === undefined) throw invalid("it is signed in a way that is not trusted");
  // A bit string starts with the number of bits that its last byte does not use.
  const signature = bits.content.subarray(1);
  const authority = authorities.find(({ publicKey }) =>
    verify(digest, list.bytes, publicKey, signature),
  );
  if (authority === undefined) throw invalid("no authority of the trust file has signed it");
  return { key: authority.publicKey, ...contentOf(list) };
}

/** TBSCertList: version?, algorithm, issuer, thisUpdate, nextUpdate?, revoked?, extensions?. */
function contentOf(list: DerElement): Pick<Revocations, "nextUpdate" | "serials"> {
  const fields = inside(list);
  const [, ...rest] = fields.slice(fields.findIndex(isTime));
  const [next] = rest;
  const nextUpdate = next !== undefined && isTime(next) ? derTime(next) : undefined;
  const revoked = rest.find(({ tag }) => tag === derTags.sequence);
  const serials = new Set<bigint>();
  if (revoked !== undefined)
    for (const entry of inside(revoked)) {
      const [serial] = inside(entry);
      if (serial?.tag !== derTags.integer) throw invalid("an entry names no serial number");
      serials.add(BigInt(`0x${serial.content.toString("hex")}`));
    }
  return { nextUpdate, serials };
}

function isTime({ tag }: DerElement): boolean {
  return tag === derTags.utcTime || tag === derTags.generalizedTime;
}

function inside(element: DerElement | undefined): DerElement[] {
  if (element?.tag !== derTags.sequence) throw invalid("it is not built as a CRL");
  return derElements(element.content);
}

function invalid(why: string): FedbusError {
  return new FedbusError("INPUT_INVALID", `not a list of revoked certificates: ${why}`);
}
