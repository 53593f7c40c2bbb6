/** How every connection starts: ZMTP 3.0, mechanism NULL. */
export const greeting = Buffer.concat([
  Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]),
  Buffer.from("NULL".padEnd(20, "\0")),
  Buffer.alloc(32),
]);

/** The command that ends the handshake. */
export function readyOf(type: string): Buffer {
  const body = `\x05READY\x0bSocket-Type\0\0\0${String.fromCharCode(type.length)}${type}`;
  return Buffer.from(`\x04${String.fromCharCode(body.length)}${body}`, "latin1");
}
