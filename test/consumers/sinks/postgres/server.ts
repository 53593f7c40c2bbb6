import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const installed = "/usr/lib/postgresql";

/** The folder of the server's programs: Debian's, or that on the path. */
function programs(): string | undefined {
  const versions = existsSync(installed) ? readdirSync(installed).sort() : [];
  const found = versions.map((version) => join(installed, version, "bin")).reverse();
  const found2 = (process.env.PATH ?? "").split(":");
  return [...found, ...found2].find((dir) => existsSync(join(dir, "initdb")));
}

const bin = programs();
const asRoot = process.getuid?.() === 0;
/** The server refuses to run as root. */
const user = asRoot ? (userIds("postgres") ?? userIds("nobody")) : undefined;

function userIds(name: string): { uid: number; gid: number } | undefined {
  const ids = ["-u", "-g"].map((flag) => spawnSync("id", [flag, name]).stdout?.toString().trim());
  return ids.every((id) => /^\d+$/.test(id ?? ""))
    ? { uid: Number(ids[0]), gid: Number(ids[1]) }
    : undefined;
}

/** Why tests with a server are left out, or false. */
export const skipWithoutPostgres: string | false =
  bin === undefined
    ? "no PostgreSQL server: apt-get install postgresql"
    : asRoot && user === undefined
      ? "PostgreSQL does not run as root, and there is no other user"
      : false;

/** A real server of its own, on a Unix socket in a folder of its own. */
export class PostgresServer {
  readonly dir: string;
  #process: ChildProcess | undefined;

  private constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "fedbus-pg-"));
    if (user !== undefined) chownSync(this.dir, user.uid, user.gid);
    const flags = [
      "-D",
      join(this.dir, "data"),
      "-U",
      "tester",
      "-A",
      "trust",
      "-E",
      "UTF8",
      "--locale=C",
      "-N",
    ];
    execFileSync(join(bin!, "initdb"), flags, { stdio: "ignore", cwd: this.dir, ...user });
  }

  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer();
    await server.up();
    return server;
  }

  get connection() {
    return { host: this.dir, user: "tester", database: "postgres" };
  }

  /** Starts it, and waits until it answers. */
  async up(): Promise<void> {
    const settings = [
      "listen_addresses=",
      `unix_socket_directories=${this.dir}`,
      "fsync=off",
      "shared_buffers=8MB",
    ];
    const flags = settings.flatMap((setting) => ["-c", setting]);
    this.#process = spawn(join(bin!, "postgres"), ["-D", join(this.dir, "data"), ...flags], {
      stdio: "ignore",
      cwd: this.dir,
      ...user,
    });
    for (let tries = 0; ; tries++)
      try {
        await this.query("SELECT 1");
        return;
      } catch (error) {
        if (tries > 400 || this.#process.exitCode !== null) throw error;
        await sleep(25);
      }
  }

  /** Ends it at once, with all connections. */
  async down(): Promise<void> {
    const exited = once(this.#process!, "exit");
    this.#process?.kill("SIGQUIT");
    await exited;
  }

  async query<Row extends object>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client(this.connection);
    await client.connect();
    try {
      return (await client.query<Row>(statement, values)).rows;
    } finally {
      await client.end();
    }
  }

  async remove(): Promise<void> {
    await this.down();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
