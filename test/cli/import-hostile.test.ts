import { join } from "node:path";
import { Readable } from "node:stream";
import t, { type Test } from "tap";
import type { ArchiveFormat } from "../../bus/fedmsg/archived.js";
import { openBus } from "../../bus/open-bus.js";
import { importForeign } from "../../cli/archive/import-foreign.js";
import { readRecords } from "../../cli/archive/json-records.js";
import { KnownIds } from "../../cli/archive/known-ids.js";
import { PendingIds } from "../../cli/archive/pending-ids.js";
import { decodeRecord } from "../../cli/archive/record.js";
import { BulkPublish } from "../../cli/input/bulk.js";
import { Tally } from "../../cli/input/tally.js";

/** What an import of `records` into an empty log comes to, and the schemas that there are then. */
async function imported(t: Test, records: readonly (object | Buffer)[], format: ArchiveFormat) {
  const { signal } = new AbortController();
  await using bus = await openBus({ dir: join(t.testdir(), "log") });
  await using publisher = bus.publisher();
  const ids = new PendingIds(await KnownIds.of(bus.source, signal));
  const tally = new Tally();
  const counts = { known: 0, signaturesHold: 0, signaturesBroken: 0 };
  const bulk = new BulkPublish(publisher, tally, {
    signal,
    onOutcome: (line, isAccepted) => ids.settle(line, isAccepted),
  });
  const bytes = records.map((record) =>
    record instanceof Buffer ? record : Buffer.from(JSON.stringify(record)),
  );
  const input = readRecords(Readable.from([Buffer.concat(bytes)]));
  await importForeign(input, { format, ids, counts }, { bus, bulk, tally });
  await bulk.finish();
  const { accepted, refused, reasons } = tally;
  return { accepted, refused, reasons, known: counts.known, schemas: (await bus.schemas()).length };
}

t.test("log import: another's archive registers no schema", async (t) => {
  const schema = { name: "a", version: 1, topics: ["a.#"], schema: false };
  const topic = "fedbus.schema.registered";
  const own = { topic, msg: { ...schema }, msg_id: "1", timestamp: 1 };
  const others = [
    { topic: "fedbus.other", msg: {} },
    { topic: "a.b", msg: {} },
  ];
  const told = {
    accepted: 1,
    refused: 2,
    reasons: [{ code: "TOPIC_RESERVED", count: 2, lines: [1, 2] }],
    schemas: 0,
  };
  for (const format of ["datagrepper", "datanommer"] as const)
    t.match(await imported(t, [own, ...others], format), told, format);
  const messages = [own, ...others].map(({ topic, msg }) => ({ topic, body: msg, id: topic }));
  t.match(await imported(t, messages, "fedora-messaging"), told);
});

t.test("log import: a record that was refused makes no other known", async (t) => {
  const good = { topic: "a.b", msg: {}, msg_id: "1", timestamp: 1 };
  const bad = { ...good, topic: "not a topic" };
  const other = { topic: "a.c", msg: {} };
  const records = [bad, other, good, good, bad, other];
  const told = { accepted: 2, refused: 1, known: 3 };
  t.match(await imported(t, records, "datagrepper"), told, "in one read");
  t.match(await imported(t, [...records, ...records], "datagrepper"), { ...told, known: 9 });
});

t.test("log import: bytes that are no UTF-8 are refused, and not replaced", async (t) => {
  const good = Buffer.from(JSON.stringify({ topic: "a.b", msg: { text: "é" } }));
  const bad = Buffer.from(good);
  const at = bad.indexOf("é");
  bad[at] = 0xff;
  const result = await imported(t, [good, bad], "datagrepper");
  const message = `the record is not UTF-8, from its byte ${at} on`;
  t.match(result, {
    accepted: 1,
    refused: 1,
    reasons: [{ code: "JSON_NOT_UTF8", message, lines: [2] }],
  });
  const bytes = Buffer.from('{"offset":0,"recordedAt":0,"text":"a?"}');
  bytes[bytes.indexOf("?")] = 0xc3;
  t.throws(() => decodeRecord({ number: 1, bytes }), {
    code: "JSON_NOT_UTF8",
    details: { byte: 2 },
  });
});
