import t from "tap";
import { join } from "./joined.js";

const error = (text: RegExp) => [new RegExp(`^error: '.*${text.source}.*'$`)];

t.test("fedmsg replay: by offset, id and time, or any of them", async (t) => {
  const { publisher, ask } = await join(t);
  const now = Math.floor(Date.now() / 1000);
  const texts = Array.from(
    { length: 10 },
    (_, n) => `{"msg":{"n":${n}.0},"topic":"a","msg_id":"2026-${n}","timestamp":${now - 100 + n}}`,
  );
  const [outcome] = await publisher.publishEnvelopes(texts);
  t.ok(outcome !== undefined && "offset" in outcome);
  const first = (outcome as { offset: number }).offset;
  const numbered = (n: number) => texts[n]!.replace(/\}$/, `,"seq_id":${first + n}}`);
  t.strictSame(await ask({ msg_id: "2026-3" }), [texts[3]]);
  t.strictSame(await ask({ msg_ids: ["2026-8", "2026-2", "gone"] }), [texts[2], texts[8]]);
  t.strictSame(await ask({ time: [now - 98, now - 96.5] }), [texts[2], texts[3]]);
  t.strictSame(await ask({ seq_id: first }), [numbered(0)]);
  t.strictSame(await ask({ seq_ids: [first + 5, first + 1] }), [numbered(1), numbered(5)]);
  t.strictSame(await ask({ seq_id_range: [first + 7, first + 99] }), [7, 8, 9].map(numbered));
  t.strictSame(await ask({ seq_id_range: [-1, first] }), [numbered(0)]);
  t.strictSame(await ask({ seq_id: first, msg_id: "2026-1" }), [numbered(0), texts[1]]);
});

t.test(
  "fedmsg replay: what cannot be answered is an error, and the next query is answered",
  async (t) => {
    const { publisher, ask } = await join(t);
    t.match(await ask({ seq_id_range: [0, 99] }), error(/no such message/));
    await publisher.publish("a", 1);
    for (const query of ["", "nul", "[]", "{}", '{"seq":1}', '{"seq_id":"1"}', '{"time":[2,1]}'])
      t.match(await ask(query), [/^error: '/], query);
    t.match(await ask({ msg_ids: [1] }), error(/strings/));
    t.match(await ask({ seq_id_range: [1, 2, 3] }), error(/two numbers/));
    t.match(await ask({ msg_ids: Array(10_001).fill("x") }), error(/at most 10000/));
    t.match(await ask({ msg_id: "2012-x" }), error(/no such message/));
    t.match(await ask({ seq_id: 1 }, "more"), error(/one frame/));
    t.equal((await ask({ seq_id_range: [0, 99] })).length, 1);
  },
);

t.test("fedmsg replay: an answer is bounded, and what is signed keeps its bytes", async (t) => {
  const { publisher, ask } = await join(t);
  const signed = '{"topic":"a","msg":1,"signature":"x","certificate":"y","crypto":"x509"}';
  await publisher.publishEnvelopes([signed]);
  const [{ offset } = { offset: -1 }] = (await publisher.publishEnvelopes([signed])) as {
    offset: number;
  }[];
  t.strictSame(await ask({ seq_id: offset }), [signed]);
  const many = Array.from({ length: 10_001 }, () => '{"topic":"b","msg":1}');
  await publisher.publishEnvelopes(many);
  t.match(await ask({ seq_id_range: [0, 20_000] }), error(/ask for less/));
  t.equal((await ask({ seq_id_range: [5, 9_000] })).length, 8_996);
});
