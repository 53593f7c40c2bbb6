import type { Envelope } from "../../schemas/index.js";
import { testExample } from "./example.js";

interface Request {
  readonly path: string;
  /** In half-lives. */
  readonly time: number;
}

const halfLifeMs = 6 * 3_600_000;
const pages = 10;
const margin = 0.1;

testExample("popularity-routing", "apache_access", async (t, { input, bodies, table }) => {
  const { requests, passedOver } = pagesOf(input);
  t.strictSame(Object.fromEntries(await table("popular-pages", "passed-over")), passedOver);
  t.ok(Object.keys(passedOver).length >= 4);
  t.ok(
    requests.some(({ time }, index) => time < (requests[index - 1]?.time ?? 0)),
    "some late",
  );

  const top = await table<{ path: string; popularity: number }>("popular-pages", "top");
  const found = [...top].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, page]) => page);
  t.equal(found.length, pages);
  const now = requests.at(-1)!.time;
  const exact = popularityOf(requests, now);
  for (const { path, popularity } of found)
    if (Math.abs(popularity - exact.get(path)!) > 0.006) t.fail(`${path}: ${popularity}`);
  const ranked = found.map(({ path }) => exact.get(path)!);
  t.strictSame(
    ranked,
    ranked.toSorted((a, b) => b - a),
    "most popular first",
  );

  // Whatever is left out when it was last asked for was not more popular by the margin than the last of the ten.
  const routed = new Set<string>();
  for (const { path, from } of bodies<{ path: string; from: string }>("web.route"))
    if (from === "edge") routed.add(path);
    else t.ok(routed.delete(path), `${path} was at the edge before`);
  t.strictSame([...routed].sort(), found.map(({ path }) => path).sort(), "routes are the top ten");
  t.strictSame([...routed].sort(), membersByForce(requests).sort());
});

function pagesOf(input: readonly Envelope[]) {
  const passedOver: Record<string, number> = {};
  const requests = input.flatMap(({ msg, timestamp }): Request[] => {
    const { method, path, status, user_agent } = msg as Record<string, string>;
    const agent = user_agent!.toLowerCase();
    let reason: string | undefined;
    const ending = path!.slice(path!.lastIndexOf(".") + 1);
    const files = ["css", "gif", "ico", "jpg", "jpeg", "js", "png", "txt", "xml"];
    if (path!.includes("?") || (path!.includes(".") && files.includes(ending)))
      reason = "not a page";
    if (["bot", "crawl", "spider"].some((word) => agent.includes(word))) reason = "a robot";
    if (status !== "200") reason = `status ${status}`;
    if (method !== "GET") reason = "not a GET";
    if (reason === undefined)
      return [{ path: path!, time: Math.round(timestamp! * 1000) / halfLifeMs }];
    passedOver[reason] = (passedOver[reason] ?? 0) + 1;
    return [];
  });
  return { requests, passedOver };
}

/** Each page's popularity at `now`, summed term by term. */
function popularityOf(requests: readonly Request[], now: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { path, time } of requests) sums.set(path, (sums.get(path) ?? 0) + 2 ** (time - now));
  return sums;
}

/** The popular pages, from sums that are decayed as time passes, and compared as they are. */
function membersByForce(requests: readonly Request[]): string[] {
  const first = requests[0]!.time;
  const sums = new Map<string, number>();
  let members: string[] = [];
  for (const { path, time } of requests) {
    sums.set(path, (sums.get(path) ?? 0) + 2 ** (time - first));
    const order = (a: string, b: string) => sums.get(b)! - sums.get(a)!;
    if (members.includes(path)) members.sort(order);
    else if (members.length < pages) members = [...members, path].sort(order);
    else if (sums.get(path)! >= sums.get(members.at(-1)!)! * (1 + margin))
      members = [...members, path].sort(order).slice(0, pages);
  }
  return members;
}
