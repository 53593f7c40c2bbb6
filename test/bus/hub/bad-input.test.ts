import { connect as connectTcp } from "node:net";
import t from "tap";
import { at } from "../../../bus/block/layout.js";
import { Hub } from "../../../bus/hub/hub.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import {
  answerQueueMax,
  controlBytesMax,
  framesMax,
  requestBytesMax,
} from "../../../bus/wire/limits.js";
import type { Dealer } from "../../../bus/wire/sockets.js";
import { openDealer, openSubscriber } from "../../../bus/wire/sockets.js";
import { batchOf, draftOf } from "../batches.js";
import { portOf } from "../ports.js";
import { below, loops, seeded } from "../seed.js";
import { greeting, readyOf } from "./handshake.js";
import { setUp } from "./neighbour.js";

type Frames = (Buffer | string)[];

/** Asks with any frames whatever, and gives the answer's control frame. */
async function ask(dealer: Dealer, ...frames: Frames): Promise<Record<string, unknown>> {
  await dealer.send(frames);
  const [control] = await dealer.receive();
  return JSON.parse(control!.toString()) as Record<string, unknown>;
}

const json = (value: unknown): string => JSON.stringify(value);

t.test(
  "bad input: requests outside the protocol are each answered with PROTOCOL_INVALID",
  async (t) => {
    const { url, hub, neighbour } = await setUp();
    const dealer = openDealer(url);
    const requests: readonly (readonly [string, Frames])[] = [
      ["an empty frame", [""]],
      ["no JSON", ["hello"]],
      ["not UTF-8", [Buffer.from([0xff, 0xfe, 0x7b])]],
      ["an array", ["[]"]],
      ["null", ["null"]],
      ["no id", [json({ op: "info" })]],
      ["a fractional id", [json({ id: 1.5, op: "info" })]],
      ["no op", [json({ id: 1 })]],
      ["an op that is no text", [json({ id: 1, op: 7 })]],
      ["an unknown op", [json({ id: 1, op: "drop-everything" })]],
      ["an op of Object", [json({ id: 1, op: "constructor" })]],
      ["an endless op", [json({ id: 1, op: "x".repeat(100_000) })]],
      ["params that are no object", [json({ id: 1, op: "info", params: 7 })]],
      [
        "a control frame too large",
        [json({ id: 1, op: "info", pad: "x".repeat(controlBytesMax) })],
      ],
      ["too many frames", [json({ id: 1, op: "info" }), ...Array(framesMax).fill("x")]],
      [
        "publish without a block",
        [json({ id: 1, op: "publish", params: { producer: "a", epoch: 1, seq: 0 } })],
      ],
      [
        "publish with two",
        [json({ id: 1, op: "publish", params: { producer: "a", epoch: 1, seq: 0 } }), "x", "y"],
      ],
      ["publish without a producer", [json({ id: 1, op: "publish", params: {} }), "x"]],
      [
        "a negative sequence",
        [json({ id: 1, op: "publish", params: { producer: "a", epoch: 1, seq: -1 } }), "x"],
      ],
      ["read from nowhere", [json({ id: 1, op: "read", params: {} })]],
      ["read from a fraction", [json({ id: 1, op: "read", params: { from: 0.5 } })]],
      ["read sideways", [json({ id: 1, op: "read", params: { from: 0, order: "sideways" } })]],
      [
        "patterns that are no texts",
        [json({ id: 1, op: "read", params: { from: 0, patterns: [1] } })],
      ],
      [
        "a time that is no number",
        [json({ id: 1, op: "offset-at-time", params: { time: "now" } })],
      ],
      [
        "a schema that is no object",
        [json({ id: 1, op: "register-schema", params: { schema: 1 } })],
      ],
      [
        "a producer that is no text",
        [json({ id: 1, op: "open-producer", params: { producer: {} } })],
      ],
      ["a trim by a negative age", [json({ id: 1, op: "trim", params: { ageMsMax: -1 } })]],
      ["hello without a version", [json({ id: 1, op: "hello", params: {} })]],
    ];
    for (const [what, frames] of requests)
      t.match(await ask(dealer, ...frames), { error: { code: "PROTOCOL_INVALID" } }, what);
    const others: readonly (readonly [string, object, string])[] = [
      ["hello", { version: 0 }, "PROTOCOL_VERSION"],
      ["read", { from: 10_000_000 }, "OFFSET_INVALID"],
      ["read", { from: 0, patterns: ["a..b"] }, "PATTERN_INVALID"],
      ["topics", { patterns: ["#.a"] }, "PATTERN_INVALID"],
      ["open-producer", { producer: "" }, "OPTIONS_INVALID"],
      ["open-producer", { producer: "nobody", epoch: 7 }, "PRODUCER_UNKNOWN"],
      [
        "register-schema",
        { schema: { name: "a b", version: 1, topics: [], schema: {} } },
        "SCHEMA_INVALID",
      ],
    ];
    for (const [op, params, code] of others)
      t.match(
        await ask(dealer, json({ id: 3, op, params })),
        { id: 3, error: { code } },
        `${op} ${code}`,
      );
    const many = json({ id: 4, op: "read", params: { from: 0, to: 0 } });
    t.match(await ask(dealer, many), { id: 4, result: { done: true } }, "the same client goes on");
    t.comment(`${requests.length + others.length} bad requests, each answered with its code`);
    dealer.close();
    await neighbour.stop();
    t.equal(neighbour.seen, neighbour.published);
    t.comment(`the neighbour published and saw ${neighbour.seen} events meanwhile`);
    await hub.close();
  },
);

t.test(
  "bad input: malformed, damaged and newer blocks are refused, and nothing is stored",
  async (t) => {
    const random = seeded(t);
    const { url, log, hub } = await setUpQuiet();
    const dealer = openDealer(url);
    const open = { id: 1, op: "open-producer", params: { producer: "p" } };
    const opened = await ask(dealer, json(open));
    const { epoch } = opened.result as { epoch: number };
    const publish = (block: Buffer) =>
      ask(dealer, json({ id: 2, op: "publish", params: { producer: "p", epoch, seq: 0 } }), block);
    const good = batchOf(3);
    const changed = (change: (block: Buffer) => void): Buffer => {
      const block = Buffer.from(good);
      change(block);
      return block;
    };
    const cases: readonly (readonly [string, Buffer, string])[] = [
      ["nothing", Buffer.alloc(0), "BLOCK_INVALID"],
      ["a text", Buffer.from("hello"), "BLOCK_INVALID"],
      ["a header only", good.subarray(0, 88), "BLOCK_INVALID"],
      ["one byte short", good.subarray(0, -1), "BLOCK_INVALID"],
      ["one byte long", Buffer.concat([good, Buffer.from("x")]), "BLOCK_INVALID"],
      ["another magic", changed((block) => block.writeUInt32LE(1, at.magic)), "BLOCK_INVALID"],
      ["a newer version", changed((block) => block.writeUInt8(2, at.version)), "BLOCK_VERSION"],
      ["no events", changed((block) => block.writeUInt32LE(0, at.count)), "BLOCK_INVALID"],
      [
        "a huge count",
        changed((block) => block.writeUInt32LE(2 ** 32 - 1, at.count)),
        "BLOCK_INVALID",
      ],
      [
        "a huge meta",
        changed((block) => block.writeUInt32LE(2 ** 32 - 8, at.metaBytes)),
        "BLOCK_INVALID",
      ],
      ["a damaged header", changed((block) => block.writeUInt32LE(7, at.epoch)), "BLOCK_CORRUPT"],
      [
        "a damaged event",
        changed((block) => block.writeUInt8(0x78, block.length - 4)),
        "BLOCK_CORRUPT",
      ],
      ["misaligned ends", changed((block) => block.writeUInt32LE(2, 88)), "BLOCK_CORRUPT"],
      ["ends that go back", changed((block) => block.writeUInt32LE(1, 92)), "BLOCK_INVALID"],
      ["a batch too large", Buffer.alloc(2 * 1024 * 1024 + 1), "BLOCK_INVALID"],
    ];
    for (const [what, block, code] of cases)
      t.match(await publish(block), { error: { code } }, what);
    const codes = new Map<string, number>();
    const flips = loops("FEDBUS_FLIPS", 1000);
    for (let flip = 0; flip < flips; flip++) {
      // The header's last four bytes mean nothing and are not kept.
      const flippable = below(random, good.length - 4);
      const place = flippable < 84 ? flippable : flippable + 4;
      const bit = 1 << below(random, 8);
      const answer = await publish(
        changed((block) => block.writeUInt8(block[place]! ^ bit, place)),
      );
      const code = (answer.error as { code: string } | undefined)?.code ?? `stored, byte ${place}`;
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    t.equal(log.head, 0, "nothing was stored");
    t.comment(
      `${flips} single bits flipped: ${[...codes].map((code) => code.join(" ")).join(", ")}`,
    );
    t.match(await publish(good), { result: { firstOffset: 0, refused: [] } });
    dealer.close();
    await hub.close();
  },
);

async function setUpQuiet() {
  const log = new MemoryLog();
  const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
  return { url: hub.url, log, hub };
}

t.test("bad input: subscriptions that are no canonical pattern set get nothing", async (t) => {
  const { url, hub, neighbour } = await setUp();
  const broadcast = `tcp://127.0.0.1:${portOf(url) + 1}`;
  const keys = [
    "",
    "[",
    "{}",
    "neighbour",
    '["a..b"]',
    '["b","a"]',
    '["a", "b"]',
    "[1]",
    "x".repeat(20_000),
  ];
  const sockets = keys.map((key) => openSubscriber(broadcast, key));
  const valid = openSubscriber(broadcast, '["neighbour"]');
  for (let frames = 0; frames < 20; frames++) t.equal((await valid.receive()).length >= 2, true);
  await neighbour.stop();
  for (const socket of sockets) {
    // Only the empty subscription is a prefix of a key that is served.
    socket.receiveTimeout = 0;
    if (socket !== sockets[0] && socket !== sockets[1])
      await t.rejects(socket.receive(), { code: "EAGAIN" });
    socket.close();
  }
  valid.close();
  await hub.close();
});

t.test("bad input: what a subscriber sends besides subscriptions ends no channel", async (t) => {
  const { url, hub } = await setUpQuiet();
  const { broadcast } = (await greetingOf(url)) as { broadcast: string };
  const valid = openSubscriber(broadcast, '["#"]');
  await valid.receive();
  const ready = readyOf("XSUB");
  const message = Buffer.from('\x00\x06\x02["#"]', "latin1");
  const peer = connectTcp(portOf(broadcast), "127.0.0.1").resume();
  for (const bytes of [greeting, ready, message]) {
    peer.write(bytes);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  peer.destroy();
  valid.receiveTimeout = 3000;
  for (let frames = 0; frames < 2; frames++) t.equal((await valid.receive()).length, 2);
  valid.close();
  await hub.close();
});

async function greetingOf(url: string): Promise<unknown> {
  const dealer = openDealer(url);
  const { result } = await ask(dealer, json({ id: 1, op: "hello", params: { version: 1 } }));
  dealer.close();
  return result;
}

t.test("bad input: a request's frame may be so large; past it the client is cut off", async (t) => {
  const { url, hub } = await setUpQuiet();
  const dealer = openDealer(url);
  const large = await ask(dealer, Buffer.alloc(requestBytesMax));
  t.match(large, { error: { code: "PROTOCOL_INVALID" } });
  dealer.receiveTimeout = 500;
  await dealer.send(Buffer.alloc(requestBytesMax + 1));
  await t.rejects(dealer.receive(), { code: "EAGAIN" });
  dealer.receiveTimeout = 5000;
  t.match(await ask(dealer, json({ id: 2, op: "info" })), { id: 2 }, "and may come back");
  dealer.close();
  await hub.close();
});

t.test("bad input: a client that does not read has so many answers waiting, no more", async (t) => {
  const { url, log, hub } = await setUpQuiet();
  await log.append([draftOf(10_000, { id: "p", epoch: 1, seq: 0 })]);
  const dealer = openDealer(url);
  const asked = answerQueueMax * 5;
  const neighbour = openDealer(url);
  for (let id = 1; id <= asked; id++) {
    await dealer.send(json({ id, op: "read", params: { from: 0 } }));
    t.match(await ask(neighbour, json({ id, op: "info" })), { id });
  }
  let answered = 0;
  dealer.receiveTimeout = 300;
  await t.rejects(
    (async () => {
      for (;;) {
        const [, block] = await dealer.receive();
        if (block !== undefined) answered++;
      }
    })(),
    { code: "EAGAIN" },
  );
  t.ok(answered >= answerQueueMax, `${answered} answers, as many as wait at the hub at least`);
  t.ok(answered < answerQueueMax * 4, `${answered} answers, some more are in the sockets`);
  dealer.close();
  neighbour.close();
  await hub.close();
});
