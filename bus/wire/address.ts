import { isIPv4, isIPv6 } from "node:net";
import { FedbusError } from "../../schemas/errors.js";

/** Where a hub takes requests by default; broadcasts go out one port above. */
export const defaultUrl = "tcp://127.0.0.1:9950";

const tcp = /^tcp:\/\/(\[[0-9a-fA-F:.%]+\]|[^:/]+):(\d{1,5}|\*)$/;
const ipc = /^ipc:\/\/.+$/;

/** Throws ADDRESS_INVALID unless `url` is `tcp://HOST:PORT` or `ipc://PATH`. */
export function checkAddress(url: string): void {
  const parts = tcp.exec(url);
  const port = Number(parts?.[2] === "*" ? 0 : parts?.[2]);
  if ((parts === null || !(port <= 65_535)) && !ipc.test(url))
    throw new FedbusError(
      "ADDRESS_INVALID",
      `"${url}" is not an address: write tcp://HOST:PORT, such as ${defaultUrl}, or ipc://PATH`,
      { details: { address: url } },
    );
}

/**
 * Throws ADDRESS_REFUSED unless `url` stays on this machine: there is no authentication yet, so
 * nobody else may connect.
 */
export function checkLoopback(url: string): void {
  checkAddress(url);
  if (ipc.test(url)) return;
  const host = tcp.exec(url)![1]!.replace(/^\[|\]$/g, "");
  const loopback =
    host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
  if (loopback && (host === "localhost" || isIPv4(host) || isIPv6(host))) return;
  throw new FedbusError(
    "ADDRESS_REFUSED",
    `a hub listens only on loopback: use 127.0.0.1 in place of "${host}"`,
    { details: { address: url } },
  );
}

/** The broadcast address that goes with a hub's address: one port above, or `PATH.broadcast`. */
export function broadcastBeside(url: string): string {
  const parts = tcp.exec(url);
  if (parts === null) return `${url}.broadcast`;
  const port = parts[2] === "*" || parts[2] === "0" ? "0" : String(Number(parts[2]) + 1);
  return `tcp://${parts[1]}:${port}`;
}

/**
 * The broadcast address as the client must dial it: a hub tells its own endpoint, and a client that
 * came by another name of the same machine keeps the name that worked.
 */
export function dialled(hubUrl: string, broadcast: string): string {
  const hub = tcp.exec(hubUrl);
  const told = tcp.exec(broadcast);
  return hub === null || told === null ? broadcast : `tcp://${hub[1]}:${told[2]}`;
}
