import { Socket } from "node:net";
import type { Client, ClientConfig } from "pg";
import { FedbusError } from "../../../schemas/errors.js";
import type { PostgresConnection } from "./postgres-options.js";

export interface SessionOptions {
  readonly connection: string | PostgresConnection;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
}

const leaveMs = 1000;

/** One connection to a server. Once anything has failed it is not used again. */
export class Session {
  readonly #client: Client;
  /** Ours, since the driver cannot be made to give up a connection that is still being made. */
  readonly #socket: Socket;
  #lost: Error | undefined;

  private constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    // A connection that breaks while nobody waits must not end the process.
    client.on("error", (error) => {
      this.#lost = error;
    });
    client.on("end", () => {
      this.#lost ??= new Error("the server closed the connection");
    });
  }

  /** Not yet connected. Rejects with PACKAGE_MISSING. */
  static async make(options: SessionOptions): Promise<Session> {
    const { Client: PgClient } = await driver();
    const socket = new Socket();
    return new Session(new PgClient({ ...configOf(options), stream: () => socket }), socket);
  }

  async connect(): Promise<void> {
    await this.#client.connect();
    // Without this an answer may come before the rows are on disk.
    await this.query(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    );
  }

  get usable(): boolean {
    return this.#lost === undefined;
  }

  async query(statement: string, values: readonly string[] = []): Promise<readonly object[]> {
    if (this.#lost !== undefined) throw this.#lost;
    const { rows } = await this.#client.query<object>(statement, [...values]);
    return rows;
  }

  /** Gives the connection up, whatever it is doing. */
  break(): void {
    this.#lost ??= new Error("the connection was given up");
    this.#socket.destroy();
  }

  /** Takes leave of the server, which has a moment to answer. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return this.break();
    this.#lost = new Error("the connection is closed");
    const timer = setTimeout(() => this.#socket.destroy(), leaveMs);
    await this.#client.end().catch(() => {});
    clearTimeout(timer);
  }
}

function configOf({ connection, connectTimeoutMs, timeoutMs }: SessionOptions): ClientConfig {
  const where = typeof connection === "string" ? { connectionString: connection } : connection;
  return {
    ...where,
    application_name: "fedbus",
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    // The server ends a slow statement; the other one is for a server that has gone silent.
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + 1000,
  };
}

/** `pg` is the user's to install: most never need it. */
async function driver(): Promise<{ readonly Client: typeof Client }> {
  try {
    return (await import("pg")).default;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new FedbusError("PACKAGE_MISSING", "the postgres sink needs pg: npm install pg", {
      details: { package: "pg" },
      cause,
    });
  }
}
