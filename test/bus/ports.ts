import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";

/** A hub's address whose port, and the port above it for broadcasts, are free just now. */
export async function freeUrl(): Promise<string> {
  for (;;) {
    const first = await listening(0);
    const { port } = first.address() as AddressInfo;
    const second = port < 65_535 ? await listening(port + 1).catch(() => undefined) : undefined;
    await closed(first);
    if (second === undefined) continue;
    await closed(second);
    return `tcp://127.0.0.1:${port}`;
  }
}

/** A server on loopback. */
export function listening(port: number, host = "127.0.0.1"): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

export function portOf(url: string): number {
  return Number(url.slice(url.lastIndexOf(":") + 1));
}
