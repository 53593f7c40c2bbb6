import fc from "fast-check";
import t from "tap";
import { Block } from "../../../bus/block/block.js";
import { encodeLogged } from "../../../bus/block/encode.js";
import { at, headerBytes } from "../../../bus/block/layout.js";
import { publishedAt } from "../../../bus/block/published.js";
import { selectEvents, trimEvents } from "../../../bus/block/reduce.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { assertProperty } from "../../schemas/property.js";
import { draft, events, type ModelEvent, modelOf, place } from "./model.js";

/** What `block` says, in the model's terms. */
function eventsOf(block: Block): ModelEvent[] {
  return Array.from({ length: block.count }, (_, index) => ({
    offset: block.offsetOf(index),
    topic: block.topicOf(index),
    bytes: block.bytesOf(index).toString(),
  }));
}

const picks = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 });

function chosen(count: number, wanted: readonly boolean[]): number[] {
  return Array.from({ length: count }, (_, index) => index).filter((index) => wanted[index]);
}

t.test("block: what is encoded comes back, from any alignment", async () => {
  assertProperty(
    fc.property(events, place, fc.nat({ max: 7 }), (from, where, shift) => {
      const runs = [{ id: "p", epoch: 3, seq: 9, count: from.length, at: 0 }];
      const encoded = encodeLogged(draft(from, runs), where);
      const moved = Buffer.alloc(encoded.bytes.length + 8).subarray(shift);
      encoded.bytes.copy(moved);
      const block = Block.decode(moved.subarray(0, encoded.bytes.length));
      block.checkBody();
      t.same(eventsOf(block), modelOf(from, where.firstOffset));
      t.same(
        block.parse(),
        modelOf(from, 0).map(({ bytes }) => JSON.parse(bytes)),
      );
      const { firstOffset, recordedAt, epoch, previous, producers, nextOffset } = block;
      t.same({ firstOffset, recordedAt, epoch, previous }, where);
      t.same([producers, nextOffset], [runs, where.firstOffset + from.length]);
      t.ok(block.chainHash.equals(block.hash));
    }),
    100,
  );
});

t.test("block: a selection has the wanted events and their offsets, again and again", async () => {
  assertProperty(
    fc.property(events, place, picks, picks, (from, where, first, second) => {
      let block = encodeLogged(draft(from), where);
      let model = modelOf(from, where.firstOffset);
      for (const wanted of [first, second]) {
        const indices = chosen(block.count, wanted);
        if (indices.length === 0) return;
        block = Block.decode(selectEvents(block, indices).bytes);
        model = indices.map((index) => model[index]!);
      }
      block.checkBody();
      t.same(eventsOf(block), model);
    }),
    100,
  );
});

t.test(
  "block: a selection says of each event who published it, refused ones left out",
  async () => {
    assertProperty(
      fc.property(events, events, place, picks, picks, (first, second, where, some, fewer) => {
        const refused = [{ index: 1, code: "TOPIC_INVALID", message: "no" }] as const;
        const whole = encodeLogged(
          draft(
            [...first, ...second],
            [
              { id: "p", epoch: 3, seq: 9, count: first.length, at: 0 },
              // Its second event was refused, so what comes after it has a sequence more.
              { id: "q", epoch: 4, seq: 70, count: second.length + 1, at: first.length, refused },
            ],
          ),
          where,
        );
        const by = [
          ...first.map((_, index) => ({ by: "p", seq: 9 + index })),
          ...second.map((_, index) => ({ by: "q", seq: 70 + index + (index > 0 ? 1 : 0) })),
        ];
        const told = (block: Block) =>
          eventsOf(block).map(({ offset }) => [
            offset - where.firstOffset,
            publishedAt(block, offset),
          ]);
        t.same(
          told(whole),
          by.map((published, index) => [index, published]),
        );
        let left = by.map((published, index) => [index, published] as const);
        let block = whole;
        for (const picked of [some, fewer]) {
          const indices = chosen(block.count, picked);
          if (indices.length === 0) return;
          block = Block.decode(selectEvents(block, indices).bytes);
          left = indices.map((index) => left[index]!);
          t.same(told(block), left);
          const ids = new Set(left.map(([, published]) => published.by));
          t.same(new Set(block.producers.map(({ id }) => id)), ids, "and of nobody else");
        }
      }),
      100,
    );
  },
);

t.test("block: a trimmed block keeps its place in the chain and its producers", async () => {
  assertProperty(
    fc.property(events, place, picks, picks, (from, where, first, second) => {
      const runs = [{ id: "p", epoch: 3, seq: 9, count: from.length, at: 0 }];
      const whole = encodeLogged(draft(from, runs), where);
      const once = trimEvents(whole, chosen(whole.count, first));
      const twice = Block.decode(trimEvents(once, chosen(once.count, second)).bytes);
      twice.checkBody();
      t.ok(twice.trimmed);
      t.ok(twice.chainHash.equals(whole.hash));
      t.same([twice.firstOffset, twice.nextOffset], [whole.firstOffset, whole.nextOffset]);
      t.same(twice.producers, runs);
      const left = chosen(from.length, first).map(
        (index) => modelOf(from, where.firstOffset)[index]!,
      );
      t.same(
        eventsOf(twice),
        chosen(left.length, second).map((index) => left[index]),
      );
    }),
    100,
  );
});

const whole = encodeLogged(
  draft([
    ["a", 1],
    ["b", { deep: [1, 2, 3] }],
    ["a", "text"],
  ]),
  { firstOffset: 10, recordedAt: 20, epoch: 30, previous: Buffer.alloc(32, 7) },
).bytes;

/** The code that decoding, with the body, fails with; "fine" if it does not. */
function outcome(bytes: Buffer): string {
  try {
    Block.decode(bytes).checkBody();
    return "fine";
  } catch (error) {
    return isFedbusError(error) ? error.code : String(error);
  }
}

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
}

t.test("block: every malformed header has its code", async (t) => {
  const cases: Record<string, [Buffer, string]> = {
    nothing: [Buffer.alloc(0), "BLOCK_INVALID"],
    "half a header": [whole.subarray(0, headerBytes - 1), "BLOCK_INVALID"],
    "another magic": [changed((bytes) => bytes.writeUInt32LE(1, at.magic)), "BLOCK_INVALID"],
    "a newer version": [changed((bytes) => bytes.writeUInt8(2, at.version)), "BLOCK_VERSION"],
    "no events": [changed((bytes) => bytes.writeUInt32LE(0, at.count)), "BLOCK_INVALID"],
    "too many events": [changed((bytes) => bytes.writeUInt32LE(65_536, at.count)), "BLOCK_INVALID"],
    "another count": [changed((bytes) => bytes.writeUInt32LE(2, at.count)), "BLOCK_INVALID"],
    "a longer meta": [
      changed((bytes) => bytes.writeUInt32LE(2 ** 31, at.metaBytes)),
      "BLOCK_INVALID",
    ],
    "a shorter payload": [
      changed((bytes) => bytes.writeUInt32LE(2, at.payloadBytes)),
      "BLOCK_INVALID",
    ],
    "a byte less": [whole.subarray(0, whole.length - 1), "BLOCK_INVALID"],
    "a byte more": [Buffer.concat([whole, Buffer.alloc(1)]), "BLOCK_INVALID"],
    "another offset": [
      changed((bytes) => bytes.writeUInt32LE(11, at.firstOffset)),
      "BLOCK_CORRUPT",
    ],
    "another hash": [changed((bytes) => bytes.writeUInt8(8, at.previous)), "BLOCK_CORRUPT"],
    "another meta": [changed((bytes) => bytes.writeUInt8(0x20, headerBytes)), "BLOCK_CORRUPT"],
    "another event": [
      changed((bytes) => bytes.writeUInt8(0x39, bytes.length - 3)),
      "BLOCK_CORRUPT",
    ],
  };
  for (const [name, [bytes, code]] of Object.entries(cases)) t.equal(outcome(bytes), code, name);
});

t.test("block: of all single flipped bits, none goes unnoticed", async (t) => {
  const unnoticed: number[] = [];
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const found = outcome(
      changed((bytes) => {
        bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
      }),
    );
    if (!found.startsWith("BLOCK_")) unnoticed.push(bit);
  }
  // The four bytes behind the header's checksum are not covered, and mean nothing.
  const padding = (bit: number): boolean => bit >= 84 * 8 && bit < 88 * 8;
  t.same(
    unnoticed.filter((bit) => !padding(bit)),
    [],
  );
  t.comment(`${whole.length * 8} flips, ${unnoticed.length} of them in bytes that mean nothing`);
});

t.test("block: bytes at random never do more than fail with a code", async () => {
  assertProperty(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, framed) => {
      const bytes = Buffer.from(noise);
      if (framed && bytes.length > 5) whole.copy(bytes, 0, 0, 5);
      t.match(outcome(bytes), /^BLOCK_/);
    }),
    300,
  );
});
