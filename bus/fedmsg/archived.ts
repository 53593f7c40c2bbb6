import { FedbusError } from "../../schemas/errors.js";
import { type CanonicalMembers, canonicalMembers, joinMembers } from "../signing/python-json.js";
import { decodeCertificate, isSignedBy } from "../signing/x509-signature.js";

/** Archives of others that can be read: datagrepper's answers, datanommer's dumps, fedora-messaging's records. */
export const archiveFormats = ["datagrepper", "datanommer", "fedora-messaging"] as const;
export type ArchiveFormat = (typeof archiveFormats)[number];

/** An envelope made of a record. */
export interface ArchivedEvent {
  /** Canonical JSON: its numbers keep their text. */
  readonly text: string;
  /** Its topic, if that is text. */
  readonly topic: string | undefined;
  /** Its `msg_id`, if it has one. */
  readonly id: string | undefined;
  /** Whether the signature holds, by the certificate in it; undefined if there is none. */
  readonly signatureHolds: boolean | undefined;
}

/** What archives add to a record, and no program has sent. */
const added = ["category", "users", "packages", "agent_name", "meta", "id"];
/** Of a signed one, these too (`fix_datagrepper_message` in fedmsg). */
const addedToSigned = ["source_name", "source_version"];
const nothings = ["null", "{}", '""'];

/**
 * The event in an archive's record, with its id and time. What the archive has changed is put back where that is
 * known, so that signatures hold again. Throws JSON_INVALID, JSON_TOO_DEEP or INPUT_INVALID.
 */
export function decodeArchived(record: string, format: ArchiveFormat): ArchivedEvent {
  const members = canonicalMembers(record);
  const isMessage = members.has("body") && !members.has("msg");
  if (format === "fedora-messaging" ? !isMessage : !isMessage && !members.has("msg"))
    throw new FedbusError("INPUT_INVALID", `a record without ${isMessage ? "msg" : "a body"}`);
  return isMessage ? fromMessage(members) : fromFedmsg(members);
}

/** `{topic, headers, id, body, queue, priority}`; queue and priority are those of the broker. */
function fromMessage(members: CanonicalMembers): ArchivedEvent {
  const envelope: CanonicalMembers = new Map();
  move(members, "topic", envelope, "topic");
  move(members, "body", envelope, "msg");
  move(members, "id", envelope, "msg_id");
  move(members, "headers", envelope, "headers");
  const sent = memberOf(members, "headers") as { readonly "sent-at"?: unknown } | null | undefined;
  const seconds = secondsOf(sent?.["sent-at"]);
  if (seconds !== undefined) envelope.set("timestamp", String(seconds));
  return archived(envelope, undefined);
}

function fromFedmsg(members: CanonicalMembers): ArchivedEvent {
  for (const key of added) members.delete(key);
  const seconds = secondsOf(memberOf(members, "timestamp"));
  if (seconds !== undefined) members.set("timestamp", String(seconds));
  for (const key of ["signature", "certificate", "crypto", "username", "headers"])
    if (nothings.includes(members.get(key) ?? "")) members.delete(key);
  if (!members.has("signature")) return archived(members, undefined);
  for (const key of addedToSigned) members.delete(key);
  const timestamp = memberOf(members, "timestamp");
  if (typeof timestamp === "number") members.set("timestamp", String(Math.trunc(timestamp)));
  if (holds(members)) return archived(members, true);
  // datanommer 0.6.5 has lost it.
  const other = new Map(members).set("crypto", '"x509"');
  return holds(other) ? archived(other, true) : archived(members, false);
}

function archived(members: CanonicalMembers, signatureHolds: boolean | undefined): ArchivedEvent {
  return {
    text: joinMembers(members),
    topic: textOf(members, "topic"),
    id: textOf(members, "msg_id"),
    signatureHolds,
  };
}

function holds(members: CanonicalMembers): boolean {
  const signature = memberOf(members, "signature");
  const certificate = memberOf(members, "certificate");
  if (typeof signature !== "string" || typeof certificate !== "string") return false;
  const key = decodeCertificate(certificate)?.publicKey;
  return key !== undefined && isSignedBy(joinMembers(members), signature, key);
}

/** Seconds of a time that is written as text; undefined for any other value. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  // Without a zone, it is UTC: archives store no other.
  const text = /[zZ]$|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`;
  const time = Date.parse(text.replace(" ", "T"));
  return Number.isNaN(time) ? undefined : time / 1000;
}

function move(from: CanonicalMembers, key: string, to: CanonicalMembers, name: string): void {
  const value = from.get(key);
  if (value !== undefined) to.set(name, value);
}

function memberOf(members: CanonicalMembers, key: string): unknown {
  const text = members.get(key);
  return text === undefined ? undefined : JSON.parse(text);
}

function textOf(members: CanonicalMembers, key: string): string | undefined {
  const value = memberOf(members, key);
  return typeof value === "string" ? value : undefined;
}
