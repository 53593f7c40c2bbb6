/** Puts a signature into envelopes. */
export interface EnvelopeSigner {
  /** Who signs, as others will see it: a fingerprint, or a certificate's common name. */
  readonly name: string;
  /** The envelope's JSON text with the signature in it. Throws EVENT_INVALID if it has one already. */
  sign(envelope: string): string;
}

/** Who has signed an event. */
export interface Signer {
  readonly kind: "x509" | "ed25519";
  /** The certificate's common name, or the name that the trust file gives the key. */
  readonly name: string;
}
