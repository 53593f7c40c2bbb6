import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A peer's server that this bench has started, on loopback. */
export interface PeerServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  readonly version: string;
}

/** Where Debian puts servers is not on everyone's path. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };

/** The first line that `program --version` prints; undefined where it is not installed. */
export function versionOf(program: string): string | undefined {
  const { status, stdout } = spawnSync(program, ["--version"], { env, encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n")[0] : undefined;
}

/** Starts `program`; undefined where it is not installed. */
export async function startServer(
  program: string,
  argsFor: (port: number) => readonly string[],
): Promise<PeerServer | undefined> {
  const version = versionOf(program);
  if (version === undefined) return undefined;
  const port = await freePort();
  const server = spawn(program, argsFor(port), { env, stdio: "ignore" });
  await listening(server, port);
  return { port, pid: server.pid!, version, [Symbol.asyncDispose]: () => end(server) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

async function listening(server: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended at once`);
    const socket = connect(port, "127.0.0.1");
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  throw new Error(`${server.spawnfile} does not listen`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const exited = once(server, "exit");
  server.kill("SIGKILL");
  await exited;
}
