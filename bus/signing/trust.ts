import type { KeyObject } from "node:crypto";
import type { Envelope } from "../../schemas/envelope.js";
import { FedbusError } from "../../schemas/errors.js";
import { TopicFilter } from "../../schemas/index.js";
import { type Clock, systemClock } from "../kernel/clock.js";
import type { Authorities } from "./authorities.js";
import { isNativelySignedBy } from "./native-signature.js";
import { RoutingPolicy, type RoutingRules } from "./routing-policy.js";
import type { Signer } from "./signature.js";
import { commonName, isSignedBy } from "./x509-signature.js";

export interface TrustOptions extends RoutingRules {
  readonly authorities: Authorities;
  /** Public keys of Ed25519 by fingerprint, each with the name that rules call it by. */
  readonly keys: ReadonlyMap<string, { readonly name: string; readonly key: KeyObject }>;
  /** Patterns of topics whose events may come unsigned; a signature there is checked all the same. */
  readonly unsigned?: readonly string[];
  /**
   * When a certificate must hold: `now`, or, for archives whose certificates have expired since, at the
   * event's own `timestamp`. Whoever has an expired certificate's key can then sign for the past. Default `now`.
   */
  readonly validAt?: "now" | "timestamp";
  readonly clock?: Clock;
}

/** Whom a hub trusts: holds each event's signature, signer and topic against what it was told. */
export class Trust {
  /** Patterns of topics whose events may come unsigned. */
  readonly unsigned: readonly string[];
  /** When the next list of revoked certificates should have come, ms since 1970. */
  readonly revocationsUntil: number | undefined;
  readonly #options: TrustOptions;
  readonly #routing: RoutingPolicy;
  readonly #mayBeUnsigned: TopicFilter;
  readonly #clock: Clock;

  /** Throws PATTERN_INVALID. */
  constructor(options: TrustOptions) {
    const { unsigned = [], clock = systemClock } = options;
    this.#options = options;
    this.#routing = new RoutingPolicy(options);
    this.#mayBeUnsigned = TopicFilter.of(unsigned);
    this.#clock = clock;
    this.unsigned = unsigned;
    this.revocationsUntil = options.authorities.nextUpdate;
  }

  /**
   * Who has signed the event; undefined if nobody has, where that is allowed. Throws SIGNATURE_MISSING,
   * SIGNATURE_INVALID, SIGNER_UNTRUSTED or SIGNER_FORBIDDEN. `bytes` are the envelope's.
   */
  check(event: Envelope, bytes: Buffer): Signer | undefined {
    const { topic, signature, certificate } = event;
    const kind = event.crypto ?? (certificate ? "x509" : undefined);
    if (!signature && kind === undefined) {
      if (this.#allowsUnsigned(topic)) return undefined;
      throw new FedbusError("SIGNATURE_MISSING", `events on ${topic} must be signed`, {
        details: { topic },
      });
    }
    if (!signature || !certificate) throw invalid(topic, "it has no signature and certificate");
    const signer = this.#signer(event, bytes, { kind, signature, certificate });
    this.#routing.check(topic, signer);
    return signer;
  }

  #allowsUnsigned(topic: string): boolean {
    return this.unsigned.length > 0 && this.#mayBeUnsigned.test(topic);
  }

  #signer(
    event: Envelope,
    bytes: Buffer,
    given: {
      readonly kind: string | undefined;
      readonly signature: string;
      readonly certificate: string;
    },
  ): Signer {
    const { kind, signature, certificate } = given;
    if (kind === "x509") {
      const signer = this.#options.authorities.certificate(certificate, this.#time(event));
      if (!isSignedBy(bytes.toString("utf8"), signature, signer.publicKey))
        throw invalid(event.topic, "something in the event is not as it was signed");
      return { kind, name: commonName(signer) };
    }
    if (kind !== "ed25519") throw invalid(event.topic, `"${kind}" is no kind that is checked here`);
    const known = this.#options.keys.get(certificate);
    if (known === undefined)
      throw new FedbusError("SIGNER_UNTRUSTED", "the trust file does not name the event's key", {
        details: { fingerprint: certificate },
      });
    if (!isNativelySignedBy(bytes, known.key))
      throw invalid(event.topic, "something in the event is not as it was signed");
    return { kind, name: known.name };
  }

  #time({ timestamp }: Envelope): number {
    if (this.#options.validAt !== "timestamp") return this.#clock();
    return typeof timestamp === "number" ? timestamp * 1000 : Number.NaN;
  }
}

function invalid(topic: string, why: string): FedbusError {
  return new FedbusError("SIGNATURE_INVALID", `the event's signature does not hold: ${why}`, {
    details: { topic },
  });
}
