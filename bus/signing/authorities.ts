import type { X509Certificate } from "node:crypto";
import { FedbusError } from "../../schemas/errors.js";
import { RecentCache } from "../../schemas/recent-cache.js";
import { type Revocations, readRevocations } from "./revocations.js";
import { decodeCertificate } from "./x509-signature.js";

/** Certificates whose chain is remembered, at most. */
const rememberedMax = 1_000;

/** A certificate that an authority has issued, and when it holds, ms since 1970. */
export interface IssuedCertificate {
  readonly certificate: X509Certificate;
  readonly from: number;
  readonly to: number;
  readonly serial: bigint;
}

/** Certificates of authorities, the lists of what they have revoked, and what they have issued. */
export class Authorities {
  readonly #authorities: readonly X509Certificate[];
  readonly #revocations: readonly Revocations[];
  readonly #issued = new RecentCache<IssuedCertificate>(rememberedMax);

  /** `revocations`: texts of files, each with one list or more. Throws INPUT_INVALID for a list that none of the authorities has signed. */
  constructor(authorities: readonly X509Certificate[], revocations: readonly string[]) {
    this.#authorities = authorities;
    this.#revocations = revocations.flatMap((text) => readRevocations(text, authorities));
  }

  /** When the next list of revoked certificates should have come: the earliest, ms since 1970. */
  get nextUpdate(): number | undefined {
    const times = this.#revocations.flatMap(({ nextUpdate }) => nextUpdate ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /**
   * The certificate in an envelope, if an authority has issued it, it holds at `time` (ms since 1970) and is not
   * revoked. Else throws SIGNER_UNTRUSTED; SIGNATURE_INVALID if it is no certificate.
   */
  certificate(text: string, time: number): X509Certificate {
    const { certificate, from, to, serial } = this.#remembered(text);
    if (!(time >= from && time <= to))
      throw untrusted("its certificate does not hold then", { validFrom: from, validTo: to });
    const isRevoked = this.#revocations.some(
      ({ key, serials }) => serials.has(serial) && certificate.verify(key),
    );
    if (isRevoked) throw untrusted("its certificate is revoked", { serial: serial.toString(16) });
    return certificate;
  }

  #remembered(text: string): IssuedCertificate {
    const known = this.#issued.get(text);
    if (known !== undefined) return known;
    const certificate = decodeCertificate(text);
    if (certificate === undefined)
      throw new FedbusError("SIGNATURE_INVALID", "the event's certificate is none");
    const isIssued = this.#authorities.some(
      (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
    );
    if (!isIssued) throw untrusted("no authority of the trust file has issued its certificate", {});
    const issued = {
      certificate,
      from: Date.parse(certificate.validFrom),
      to: Date.parse(certificate.validTo),
      serial: BigInt(`0x${certificate.serialNumber}`),
    };
    this.#issued.set(text, issued);
    return issued;
  }
}

function untrusted(why: string, details: Readonly<Record<string, unknown>>): FedbusError {
  return new FedbusError("SIGNER_UNTRUSTED", `the event's signer is not trusted: ${why}`, {
    details,
  });
}
