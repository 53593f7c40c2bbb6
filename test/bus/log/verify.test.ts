import { cpSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Block } from "../../../bus/block/block.js";
import { encodeLogged, joinEvents } from "../../../bus/block/encode.js";
import { offsetKey } from "../../../bus/log/level/keys.js";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { verify } from "../../../bus/log/verify.js";
import { openDatabase } from "../../../bus/storage/database.js";
import { draftOf } from "../../../bus/testing/drafts.js";

const options = { ballastBytes: 0, recentBytesMax: 0, acceptLoss: true } as const;
const blocks = 30;

type Tampering = (database: Awaited<ReturnType<typeof openDatabase>>, at: number) => Promise<void>;

/** Two events a block, so block n starts at offset 2n. */
async function makeLog(dir: string): Promise<void> {
  await using log = await LevelLog.open(dir, options);
  for (let index = 0; index < blocks; index++)
    await log.append([
      draftOf([
        ["a", index],
        ["b", index],
      ]),
    ]);
}

async function blockAt(
  database: Awaited<ReturnType<typeof openDatabase>>,
  at: number,
): Promise<Block> {
  return Block.decode((await database.get(offsetKey(at)))!);
}

/** The block with other events, every checksum right again. */
function forged(block: Block): Block {
  const events = ["a", "b"].map((topic) => Buffer.from(JSON.stringify({ topic, msg: "forged" })));
  const draft = {
    ...draftOf([
      ["a", 0],
      ["b", 0],
    ]),
    ...joinEvents(events),
  };
  return encodeLogged(draft, block);
}

const tamperings: Record<string, Tampering> = {
  "an edited block": async (database, at) => {
    const value = forged(await blockAt(database, at)).bytes;
    await database.batch([{ type: "put", key: offsetKey(at), value }], { sync: true });
  },
  "a deleted block": async (database, at) => {
    await database.batch([{ type: "del", key: offsetKey(at) }], { sync: true });
  },
  "a block moved to another's place": async (database, at) => {
    const { bytes } = await blockAt(database, at + 4);
    await database.batch([{ type: "put", key: offsetKey(at), value: bytes }], { sync: true });
  },
  "a changed byte": async (database, at) => {
    const bytes = Buffer.from((await blockAt(database, at)).bytes);
    bytes[bytes.length - 3] = 0x20;
    await database.batch([{ type: "put", key: offsetKey(at), value: bytes }], { sync: true });
  },
};

t.test("verify: names the first offset that was tampered with", async (t) => {
  const base = t.testdir();
  await makeLog(join(base, "whole"));
  let found = 0;
  for (const [name, tamper] of Object.entries(tamperings))
    for (const at of [0, 20, 52]) {
      const dir = join(base, `${name}-${at}`.replaceAll(/\W/g, "-"));
      cpSync(join(base, "whole"), dir, { recursive: true });
      const database = await openDatabase(join(dir, "blocks"), {
        createIfMissing: false,
        writeBufferBytes: 1024 * 1024,
        cacheBytes: 0,
      });
      await tamper(database, at);
      await database.close();
      await using log = await LevelLog.open(dir, options);
      const report = await verify(log);
      // What shows at open was accepted as lost there.
      const first = Math.min(...[...report.damaged, ...report.lost].map(({ from }) => from));
      t.equal(first, at, `${name} at ${at}`);
      if (first === at) found++;
    }
  t.comment(`${found} of ${Object.keys(tamperings).length * 3} tamperings named`);
});

t.test("verify: reports progress, and ends when it is aborted", async (t) => {
  const dir = join(t.testdir(), "log");
  await makeLog(dir);
  await using log = await LevelLog.open(dir, options);
  const seen: number[] = [];
  const report = await verify(log, { onProgress: ({ offset }) => seen.push(offset) });
  t.equal(seen.at(-1), 60);
  t.same([report.blocks, report.events, report.damaged, report.firstBad], [30, 60, [], undefined]);
  const reason = new Error("enough");
  await t.rejects(verify(log, { signal: AbortSignal.abort(reason) }), reason);
});

t.test("verify: a block that was edited last is found by the head's hash", async (t) => {
  const dir = join(t.testdir(), "log");
  await makeLog(dir);
  await using log = await LevelLog.open(dir, options);
  const { hash = "" } = await log.info();
  const info = async () => ({ ...(await log.info()), hash: hash.replace(/^./, "x") });
  const report = await verify({
    blobs: log.blobs,
    info,
    read: (wanted) => log.read(wanted),
    follow: (wanted) => log.follow(wanted),
    offsetAtTime: (time) => log.offsetAtTime(time),
    topics: (patterns) => log.topics(patterns),
  });
  t.same(report.damaged, [{ from: 58, to: 60, reason: "chain" }]);
});
