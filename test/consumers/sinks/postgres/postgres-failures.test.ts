import { once } from "node:events";
import { createServer } from "node:net";
import t from "tap";
import { postgres } from "../../../../consumers/sinks/postgres/postgres.js";
import type { PostgresOptions } from "../../../../consumers/sinks/postgres/postgres-options.js";
import { deliveries, delivery, neverAborted } from "../deliveries.js";
import { PostgresServer, skipWithoutPostgres } from "./server.js";

t.test("postgres: failures", { skip: skipWithoutPostgres }, async (t) => {
  const server = await PostgresServer.start();
  t.teardown(() => server.remove());
  const { connection } = server;
  const into = (table: string, options: Partial<PostgresOptions> = {}) =>
    postgres({ connection, table, create: true, ...options });
  const rowsOf = (table: string, order = "1") =>
    server.query(`SELECT * FROM "${table.replaceAll('"', '""')}" ORDER BY ${order}`);

  t.test(
    "an event that the server refuses is named, and nothing of its batch is stored",
    async (t) => {
      await server.query(
        "CREATE TABLE picky (event_offset bigint PRIMARY KEY, n int CHECK (n < 100), s varchar(3))",
      );
      await using sink = into("picky", { create: false, columns: { n: "/body/n", s: "/body/s" } });
      const bad = [
        { n: "x" },
        { n: 100 },
        { n: 1.5e10 },
        { s: "long" },
        { s: "\u0000" },
        { s: "\ud800" },
      ];
      for (const body of bad)
        await t.rejects(
          sink.deliver(
            [delivery(0, { body: { n: 1 } }), delivery(1, { body }), delivery(2)],
            neverAborted,
          ),
          { code: "DELIVERY_REFUSED", details: { offset: 1 } },
          JSON.stringify(body),
        );
      t.strictSame(await rowsOf("picky"), []);
      await sink.deliver([delivery(0, { body: { n: 1, s: "abc" } })], neverAborted);
      t.equal((await rowsOf("picky")).length, 1);
    },
  );

  t.test(
    "a table that is not there, or not as it should be, is refused with the reason",
    async (t) => {
      await using none = into("none", { create: false });
      await t.rejects(none.deliver(deliveries(0, 1), neverAborted), {
        code: "DELIVERY_REFUSED",
        message: /no table "none".*`create`/,
      });
      await server.query("CREATE TABLE narrow (event_offset bigint, topic text)");
      await using narrow = into("narrow");
      await t.rejects(narrow.deliver(deliveries(0, 1), neverAborted), {
        code: "DELIVERY_REFUSED",
        details: { missing: ["recorded_at", "event_time", "id", "headers", "body"] },
      });
      await using keyless = into("narrow", { columns: { topic: "/topic" } });
      await t.rejects(keyless.deliver(deliveries(0, 1), neverAborted), {
        code: "DELIVERY_REFUSED",
        details: { sqlstate: "42P10" },
      });
      await server.query("ALTER TABLE narrow ADD PRIMARY KEY (event_offset)");
      await keyless.deliver(deliveries(0, 1), neverAborted);
    },
  );

  t.test("who may not enter is refused for good; an absent server may come back", async (t) => {
    await using nowhere = into("x", { connection: { ...connection, database: "nowhere" } });
    await t.rejects(nowhere.deliver(deliveries(0, 1), neverAborted), {
      code: "DELIVERY_REFUSED",
      details: { sqlstate: "3D000" },
    });
    await using absent = into("x", { connection: { host: "127.0.0.1", port: 1, user: "x" } });
    await t.rejects(absent.deliver(deliveries(0, 1), neverAborted), {
      code: "DELIVERY_FAILED",
      message: /ECONNREFUSED/,
    });
    await using text = into("x", { connection: "postgres://x:s3cret@127.0.0.1:1/x" });
    const error = await text
      .deliver(deliveries(0, 1), neverAborted)
      .catch((thrown) => thrown as Error);
    t.notMatch(JSON.stringify(error) + String(error), /s3cret/);
  });

  t.test("a slow statement, and a silent server, are given up", async (t) => {
    await using sink = into("slow", { timeoutMs: 200 });
    await sink.deliver(deliveries(0, 1), neverAborted);
    await server.query(
      "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$",
    );
    await server.query("CREATE TRIGGER wait BEFORE INSERT ON slow EXECUTE FUNCTION wait()");
    await t.rejects(sink.deliver(deliveries(1, 2), neverAborted), {
      code: "DELIVERY_FAILED",
      details: { sqlstate: "57014" },
    });
    const aborts = new AbortController();
    await using patient = into("slow");
    const running = patient.deliver(deliveries(1, 2), aborts.signal);
    while (
      (await server.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'INSERT%'")).length === 0
    );
    aborts.abort();
    await t.rejects(running, { code: "DELIVERY_FAILED", message: /broken off/ });
    // The server notices only at the end of a statement that its client has gone.
    await server.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT%'",
    );
    await server.query("DROP TRIGGER wait ON slow");
    await patient.deliver(deliveries(1, 2), neverAborted);
    t.equal((await rowsOf("slow")).length, 2);
  });

  t.test("a server that never greets is given up, and can be broken off", async (t) => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    t.teardown(() => silent.close());
    const { port } = silent.address() as { port: number };
    const there = { connection: { host: "127.0.0.1", port, user: "x" } };
    await using sink = into("x", { ...there, connectTimeoutMs: 100 });
    await t.rejects(sink.deliver(deliveries(0, 1), neverAborted), { code: "DELIVERY_FAILED" });
    const aborts = new AbortController();
    await using patient = into("x", { ...there, connectTimeoutMs: 1e9 });
    silent.once("connection", () => aborts.abort());
    await t.rejects(patient.deliver(deliveries(0, 1), aborts.signal), {
      code: "DELIVERY_FAILED",
      message: /broken off/,
    });
  });

  t.test("a server that restarts gets everything once, from whoever sends again", async (t) => {
    await using sink = into("restarted");
    let failures = 0;
    for (let next = 0, round = 0; next < 200; round++) {
      const restart = round % 5 === 4 ? server.down().then(() => server.up()) : undefined;
      try {
        await sink.deliver(deliveries(next, next + 20), neverAborted);
        next += 20;
      } catch (error) {
        t.match(error, { code: "DELIVERY_FAILED", retryable: true });
        failures++;
      }
      await restart;
    }
    t.comment(`${failures} failures`);
    const offsets = await server.query("SELECT event_offset::int AS o FROM restarted ORDER BY 1");
    t.strictSame(
      offsets,
      deliveries(0, 200).map(({ offset }) => ({ o: offset })),
    );
  });

  t.test(
    "rows are on disk before the answer, even where the server is set otherwise",
    async (t) => {
      await server.query("ALTER ROLE tester SET synchronous_commit = off");
      t.teardown(() => server.query("ALTER ROLE tester RESET synchronous_commit"));
      await using sink = into("sure");
      await server.query("CREATE TABLE settings (value text)");
      await sink.deliver(deliveries(0, 1), neverAborted);
      await server.query(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO settings VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$",
      );
      await server.query("CREATE TRIGGER note BEFORE INSERT ON sure EXECUTE FUNCTION note()");
      await sink.deliver(deliveries(1, 2), neverAborted);
      t.strictSame(await rowsOf("settings"), [{ value: "on" }]);
    },
  );
});
