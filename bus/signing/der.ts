import { FedbusError } from "../../schemas/errors.js";

/** One element of DER (X.690): its tag, its content, and all its bytes. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly bytes: Buffer;
}

/** Tags that are looked for. */
export const derTags = {
  integer: 0x02,
  bitString: 0x03,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** The elements that `bytes` holds, side by side. Throws INPUT_INVALID if they end too early. */
export function derElements(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { start, length } = header(bytes, at);
    const end = start + length;
    if (end > bytes.length) throw cutShort();
    elements.push({
      tag: bytes[at]!,
      content: bytes.subarray(start, end),
      bytes: bytes.subarray(at, end),
    });
    at = end;
  }
  return elements;
}

/** Where the element's content starts, and how many bytes it has. */
function header(bytes: Buffer, at: number): { start: number; length: number } {
  const first = bytes[at + 1];
  if (first === undefined) throw cutShort();
  if (first < 0x80) return { start: at + 2, length: first };
  const size = first & 0x7f;
  if (size < 1 || size > 4 || at + 2 + size > bytes.length) throw cutShort();
  return { start: at + 2 + size, length: bytes.readUIntBE(at + 2, size) };
}

/** An OID's text, such as `1.2.840.113549.1.1.11`. */
export function oidText(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...rest].join(".");
}

/** A UTCTime or GeneralizedTime as RFC 5280 wants it (in UTC, with seconds), ms since 1970. */
export function derTime({ tag, content }: DerElement): number {
  const text = content.toString("latin1");
  const digits = tag === derTags.utcTime ? century(text) + text : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)?.slice(1).map(Number);
  if (parts === undefined) throw new FedbusError("INPUT_INVALID", "a time that is none in DER");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function century(text: string): string {
  return Number(text.slice(0, 2)) < 50 ? "20" : "19";
}

function cutShort(): FedbusError {
  return new FedbusError("INPUT_INVALID", "the DER ends too early");
}
