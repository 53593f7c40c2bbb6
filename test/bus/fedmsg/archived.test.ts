import t from "tap";
import { decodeArchived } from "../../../bus/fedmsg/archived.js";
import { realPath, skipWithoutData } from "../../real-data.js";
import { signedLines } from "../signing/signed-lines.js";

t.test(
  "archives: datagrepper's signed messages are as they were signed",
  { skip: skipWithoutData },
  async (t) => {
    const lines = await signedLines(realPath("signed-wire.ndjson"));
    for (const line of lines) {
      // What datanommer and datagrepper make of a message.
      const stored = line
        .replace(/"timestamp":(\d+),/, '"timestamp":$1.0,')
        .replace(/\}$/, ',"source_name":"datanommer","source_version":"0.6.5","headers":{}}')
        .replace('"crypto":"x509",', "");
      const { text, id, signatureHolds } = decodeArchived(stored, "datagrepper");
      if (text !== line || signatureHolds !== true) t.fail(id ?? "no id");
    }
    t.equal(lines.length, 173);
  },
);

t.test("archives: a changed message is kept, and told", async (t) => {
  const signed = {
    topic: "a",
    msg: 1,
    timestamp: 5,
    msg_id: "2014-1",
    signature: "eA==",
    certificate: "eA==",
  };
  const { text, signatureHolds } = decodeArchived(JSON.stringify(signed), "datanommer");
  t.equal(signatureHolds, false);
  t.strictSame(JSON.parse(text), signed);
});

t.test("archives: what an archive adds goes, what was sent stays, with its numbers", async (t) => {
  const row =
    '{"id":7,"msg":{"f":1.0,"n":12345678901234567890},"topic":"a.b","msg_id":"2021-1","i":1,' +
    '"timestamp":"2021-03-04T05:06:07.500000","category":"b","users":["x"],"packages":[],' +
    '"headers":null,"signature":null,"certificate":null,"crypto":null,"username":null,"source_name":"datanommer"}';
  t.strictSame(decodeArchived(row, "datanommer"), {
    text: '{"i":1,"msg":{"f":1.0,"n":12345678901234567890},"msg_id":"2021-1","source_name":"datanommer","timestamp":1614834367.5,"topic":"a.b"}',
    topic: "a.b",
    id: "2021-1",
    signatureHolds: undefined,
  });
});

t.test("archives: fedora-messaging's records keep id, headers and time", async (t) => {
  const message = {
    topic: "org.a",
    headers: { "sent-at": "2023-01-02T03:04:05+00:00", fedora_messaging_severity: 20 },
    id: "d3a4a5a6-0000-4000-8000-000000000001",
    body: { n: 1 },
    queue: "q",
    priority: 0,
  };
  for (const format of ["fedora-messaging", "datagrepper"] as const) {
    const { text, id } = decodeArchived(JSON.stringify(message), format);
    t.equal(id, message.id);
    t.strictSame(JSON.parse(text), {
      topic: "org.a",
      msg: { n: 1 },
      msg_id: message.id,
      headers: message.headers,
      timestamp: 1672628645,
    });
  }
  t.throws(() => decodeArchived('{"topic":"a","msg":1}', "fedora-messaging"), {
    code: "INPUT_INVALID",
  });
  t.throws(() => decodeArchived('{"topic":"a"}', "datagrepper"), { code: "INPUT_INVALID" });
  t.throws(() => decodeArchived("{", "datagrepper"), { code: "JSON_INVALID" });
});
