import type { FollowedPage } from "../log/event-source.js";
import { codeOf, nextOf, offsetsOf } from "./log-answers.js";
import { type Cases, fill } from "./log-case.js";

/** Following: history, then what is appended. */
export const followingCases: Cases = {
  "a follower gets history, then what is appended, and caughtUp once": async (t, log, clock) => {
    await fill(log, clock, 2);
    const pages = log.follow({ from: 1 })[Symbol.asyncIterator]();
    const first = await nextOf(pages);
    t.same([offsetsOf(first.blocks), first.next, first.caughtUp], [[1, 2, 3, 4, 5], 6, true]);
    const waiting = nextOf(pages);
    await fill(log, clock, 1);
    const second = await waiting;
    t.same([offsetsOf(second.blocks), second.caughtUp], [[6, 7, 8], false]);
    await pages.return?.();
  },
  "an empty log is caught up at once": async (t, log) => {
    const pages = log.follow({ from: 0 })[Symbol.asyncIterator]();
    const page = await nextOf(pages);
    t.same([page.blocks.length, page.next, page.caughtUp], [0, 0, true]);
    await pages.return?.();
  },
  "live starts at the head of the call, and patterns select": async (t, log, clock) => {
    await fill(log, clock, 1);
    const live = log.follow({ from: "live", patterns: ["x"] });
    await fill(log, clock, 1);
    const pages = live[Symbol.asyncIterator]();
    const page = await nextOf(pages);
    t.same(offsetsOf(page.blocks), [5]);
    await pages.return?.();
  },
  "small pages lag, and caughtUp comes again after the lag": async (t, log, clock) => {
    await fill(log, clock, 3);
    const caughtUp: boolean[] = [];
    let offset = 0;
    for await (const page of log.follow({ from: 0, bytesMax: 1 })) {
      t.equal(page.blocks[0]?.firstOffset ?? page.next, offset);
      offset = page.next;
      caughtUp.push(page.caughtUp);
      if (caughtUp.length === 3) await fill(log, clock, 2);
      if (caughtUp.length === 5) break;
    }
    t.same(caughtUp, [false, false, true, false, true]);
  },
  "an aborted follower ends quietly": async (t, log) => {
    const ending = new AbortController();
    const seen: FollowedPage[] = [];
    setTimeout(() => ending.abort(), 10);
    for await (const page of log.follow({ from: 0, signal: ending.signal })) seen.push(page);
    t.equal(seen.length, 1);
  },
  "close ends a follower with CLOSED": async (t, log) => {
    const pages = log.follow({ from: 0 })[Symbol.asyncIterator]();
    await nextOf(pages);
    const waiting = codeOf(nextOf(pages));
    await log.close();
    t.equal(await waiting, "CLOSED");
  },
  "a follower's wrong start is refused": async (t, log) => {
    t.equal(
      await codeOf(nextOf(log.follow({ from: 5 })[Symbol.asyncIterator]())),
      "OFFSET_INVALID",
    );
  },
  "many followers see every event once, in order, while it is appended": async (t, log, clock) => {
    const blocks = 60;
    const follow = async (patterns: string[]): Promise<number[]> => {
      const seen: number[] = [];
      for await (const page of log.follow({ from: 0, patterns, bytesMax: 700 })) {
        seen.push(...offsetsOf(page.blocks));
        if (page.next >= blocks * 3) return seen;
        if (seen.at(-1) === blocks * 3 - (patterns[0] === "x" ? 1 : 2)) return seen;
      }
      return seen;
    };
    const followers = [follow(["#"]), follow(["x"]), follow(["a.*"])];
    await fill(log, clock, blocks);
    const [all, x, a] = await Promise.all(followers);
    t.same(
      x,
      Array.from({ length: blocks }, (_, index) => index * 3 + 2),
    );
    t.equal(a?.length, blocks * 2);
    t.ok(all?.every((offset, index) => offset === index));
  },
};
