import t from "tap";
import { postgres } from "../../../../consumers/sinks/postgres/postgres.js";
import type { PostgresOptions } from "../../../../consumers/sinks/postgres/postgres-options.js";
import { deliveries, delivery, neverAborted } from "../deliveries.js";
import { PostgresServer, skipWithoutPostgres } from "./server.js";

t.test("postgres", { skip: skipWithoutPostgres }, async (t) => {
  const server = await PostgresServer.start();
  t.teardown(() => server.remove());
  const { connection } = server;
  const into = (table: string, options: Partial<PostgresOptions> = {}) =>
    postgres({ connection, table, create: true, ...options });
  const rowsOf = (table: string, order = "1") =>
    server.query(`SELECT * FROM "${table.replaceAll('"', '""')}" ORDER BY ${order}`);

  t.test("an event is a row, its body and headers as jsonb", async (t) => {
    await using sink = into("whole");
    const odd = delivery(2, {
      body: { a: [1, { b: "x'\"\\" }] },
      headers: { cause: 1 },
      topic: "é.x",
    });
    await sink.deliver([delivery(0), odd, delivery(5, { body: null })], neverAborted);
    const rows = await server.query(
      "SELECT *, event_offset::int AS o, jsonb_typeof(body) AS kind FROM whole ORDER BY 1",
    );
    t.match(rows, [
      {
        o: 0,
        topic: "shop.order.created",
        id: "orders:0",
        headers: null,
        body: { id: 0, total: 0 },
      },
      { o: 2, topic: "é.x", headers: { cause: 1 }, body: odd.body, kind: "object" },
      { o: 5, body: null },
    ]);
    const times = rows[0] as { recorded_at: Date; event_time: Date };
    t.equal(times.recorded_at.getTime(), delivery(0).recordedAt);
    t.equal(times.event_time.getTime(), delivery(0).timestamp);
  });

  t.test("columns take what pointers name, as the types say", async (t) => {
    await using sink = into("typed", {
      columns: {
        id: { from: "/body/id", type: "bigint" },
        total: { from: "/body/total", type: "numeric(12,2)" },
        at: { from: "/timestamp", type: "timestamp with time zone" },
        day: { from: "/timestamp", type: "date" },
        tags: { from: "/body/tags", type: "jsonb" },
        first: { from: "/body/tags/0", type: "text" },
        ok: { from: "/body/ok", type: "boolean" },
      },
    });
    const body = { id: 7, total: 9.456, tags: ["a", null], ok: true };
    await sink.deliver([delivery(1, { body }), delivery(2, { body: {} })], neverAborted);
    const found = await server.query(
      "SELECT total::text, at::text, day::text, tags, first, ok, id::int FROM typed ORDER BY event_offset",
    );
    t.match(found, [
      { id: 7, total: "9.46", tags: ["a", null], first: "a", ok: true, day: "2023-11-14" },
      { id: null, total: null, tags: null, first: null, ok: null },
    ]);
  });

  t.test("a resend of all or of a part changes nothing", async (t) => {
    await using sink = into("resent");
    await sink.deliver(deliveries(0, 10), neverAborted);
    const before = await rowsOf("resent");
    for (const [from, to] of [
      [0, 10],
      [3, 5],
      [9, 10],
    ] as const)
      await sink.deliver(deliveries(from, to), neverAborted);
    await sink.deliver([], neverAborted);
    t.strictSame(await rowsOf("resent"), before);
    t.equal(before.length, 10);
  });

  t.test("by key the latest event stays, in a batch and over resends of older ones", async (t) => {
    const columns = {
      shop: { from: "/body/shop", type: "text" },
      item: { from: "/body/item", type: "int" },
      stock: { from: "/body/stock", type: "int" },
    };
    await using sink = into("stock", { columns, key: ["shop", "item"] });
    const event = (offset: number, shop: string, item: number) =>
      delivery(offset, { body: { shop, item, stock: offset * 10 } });
    const batch = [event(1, "a", 1), event(2, "a", 2), event(3, "a", 1), event(4, "b", 1)];
    const wanted = [
      { shop: "a", item: 1, stock: 30 },
      { shop: "a", item: 2, stock: 20 },
      { shop: "b", item: 1, stock: 40 },
    ];
    await sink.deliver(batch, neverAborted);
    t.match(await rowsOf("stock", "shop, item"), wanted);
    for (const part of [batch.slice(0, 1), batch.slice(0, 2), batch]) {
      await sink.deliver(part, neverAborted);
      t.match(await rowsOf("stock", "shop, item"), wanted);
    }
    t.equal((await rowsOf("stock")).length, 3);
    await t.rejects(
      sink.deliver([event(8, "a", 1), delivery(9, { body: { shop: "a" } })], neverAborted),
      {
        code: "DELIVERY_REFUSED",
        details: { offset: 9 },
      },
    );
    t.match(await rowsOf("stock", "shop, item"), wanted);
  });

  t.test("names are quoted, whatever they hold", async (t) => {
    const evil = `x"; DROP TABLE whole; --`;
    await server.query('CREATE SCHEMA "odd ""schema"');
    await using sink = into(evil, {
      schema: 'odd "schema',
      columns: {
        'Größe "1"': { from: "/body/total", type: "float8" },
        select: "/body/id",
        $1: "/topic",
      },
      offsetColumn: "off'set",
      key: ['Größe "1"'],
    });
    await sink.deliver(deliveries(0, 3), neverAborted);
    const found = await server.query(
      `SELECT * FROM "odd ""schema"."${evil.replace('"', '""')}" ORDER BY 1`,
    );
    t.equal(found.length, 3);
    t.strictSame(Object.keys(found[0]!), ["off'set", 'Größe "1"', "select", "$1"]);
    t.equal((await rowsOf("whole")).length, 3);
  });

  t.test("after close nothing is delivered", async (t) => {
    const sink = into("closed");
    await sink.deliver(deliveries(0, 1), neverAborted);
    await sink.close();
    await t.rejects(sink.deliver(deliveries(1, 2), neverAborted), { code: "CLOSED" });
    const left = await server.query(
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'fedbus'",
    );
    t.ok(left.length <= 1);
  });
});
