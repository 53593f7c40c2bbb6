import type { Socket } from "node:net";
import { FedbusError } from "../../schemas/index.js";

/**
 * The first line that comes, without its end. Rejects with PROTOCOL_INVALID for a longer one than
 * `bytesMax`, and with CONSUMER_BUSY if none comes within `timeoutMs`.
 */
export function firstLine(
  socket: Socket,
  { bytesMax, timeoutMs }: { readonly bytesMax: number; readonly timeoutMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const fail = (message: string): void =>
      reject(new FedbusError("CONSUMER_BUSY", message, { details: { timeoutMs } }));
    const timer = setTimeout(() => fail("no answer came in time"), timeoutMs);
    socket.on("close", () => {
      clearTimeout(timer);
      fail("the connection ended");
    });
    socket.on("error", () => socket.destroy());
    socket.on("data", (piece: Buffer) => {
      const end = piece.indexOf(0x0a);
      bytes += end < 0 ? piece.length : end;
      if (bytes > bytesMax) {
        reject(new FedbusError("PROTOCOL_INVALID", `a line has at most ${bytesMax} bytes`));
        return;
      }
      pieces.push(end < 0 ? piece : piece.subarray(0, end));
      if (end >= 0) resolve(Buffer.concat(pieces).toString("utf8"));
    });
  });
}
