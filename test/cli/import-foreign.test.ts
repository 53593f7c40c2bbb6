import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { eventsOf } from "../../bus/event.js";
import { openBus } from "../../bus/open-bus.js";
import type { Envelope } from "../../schemas/envelope.js";
import { realPath, skipWithoutData } from "../real-data.js";
import { cli } from "./spawn-cli.js";

t.test("log import: another's archive comes in once, with ids and times", async (t) => {
  const dir = t.testdir();
  const log = ["--dir", join(dir, "log"), "--json"];
  const messages = Array.from({ length: 2_500 }, (_, n) => ({
    topic: `org.a.${n % 3}`,
    headers: { "sent-at": "2023-01-02T03:04:05+00:00" },
    id: `id-${n}`,
    body: { n },
  }));
  const lines = messages.map((message) => JSON.stringify(message));
  const file = join(dir, "record.ndjson");
  await writeFile(file, [...lines, lines[0], '{"topic":"no body"}', ""].join("\n"));
  const line = ["log", "import", file, "--format", "fedora-messaging", ...log];
  const first = await cli(line);
  t.match(first, { code: 1 });
  t.match(JSON.parse(first.out), {
    accepted: 2_500,
    refused: 1,
    known: 1,
    reasons: [{ code: "INPUT_INVALID", lines: [2_502] }],
  });
  const page = join(dir, "page.json");
  await writeFile(
    page,
    JSON.stringify({
      count: 3,
      raw_messages: [...messages.slice(0, 2), { ...messages[0], id: "new" }],
    }),
  );
  const second = await cli(["log", "import", page, "--format", "datagrepper", ...log]);
  t.match(JSON.parse(second.out), { accepted: 1, refused: 0, known: 2 });
  const { out } = await cli(["query", "--limit", "1", ...log]);
  t.match(JSON.parse(out), { event: { msg_id: "id-0", timestamp: 1672628645, msg: { n: 0 } } });
});

t.test(
  "log import: Fedora's messages, those before there were ids too",
  { skip: skipWithoutData },
  async (t) => {
    const dir = join(t.testdir(), "log");
    const file = realPath("messages.ndjson");
    const line = ["log", "import", file, "--format", "datagrepper", "--dir", dir, "--json"];
    const first = JSON.parse((await cli(line)).out) as Record<string, number>;
    const messages = (await readFile(file, "utf8")).trimEnd().split("\n").length;
    t.equal(first.accepted! + first.known! + first.refused!, messages);
    t.ok(first.accepted! > 700, JSON.stringify(first));
    const again = JSON.parse((await cli(line)).out) as Record<string, number>;
    t.match(again, { accepted: 0, refused: first.refused });
    await using bus = await openBus({ dir });
    const { blocks } = await bus.source.read({ from: 0, bytesMax: 2 ** 26 });
    const stored = blocks.flatMap(eventsOf);
    const times = new Map(stored.map(({ envelope }) => [envelope.msg_id, envelope.timestamp]));
    for (const text of (await readFile(file, "utf8")).trimEnd().split("\n")) {
      const { msg_id: id, timestamp = 0, signature } = JSON.parse(text) as Envelope;
      if (id === undefined || !times.has(id)) continue;
      t.ok(Math.abs(times.get(id)! - timestamp) < (signature ? 1 : 0.001), id);
    }
  },
);
