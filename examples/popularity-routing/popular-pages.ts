// Keeps the most popular pages, where a request counts half as much after each `halfLifeMs`, and tells when a page
// becomes popular, to be served from the edge, and when it no longer is.
import { type Context, consumer } from "fedbus/consumers";

interface Config {
  readonly pages: number;
  readonly halfLifeMs: number;
  readonly margin: number;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly status: string;
  readonly user_agent: string;
}

interface Page {
  readonly path: string;
  /** See `levelAfter`. */
  readonly level: number;
}

export default consumer<Config>({
  name: "popular-pages",
  version: "1.0",
  topics: ["web.request"],
  config: {
    type: "object",
    additionalProperties: false,
    properties: {
      pages: {
        type: "integer",
        minimum: 1,
        default: 10,
        description: "Pages served from the edge",
      },
      halfLifeMs: { type: "integer", minimum: 1, default: 6 * 3_600_000 },
      margin: {
        type: "number",
        minimum: 0,
        default: 0.1,
        description: "How much more popular a newcomer must be",
      },
    },
  },
  handle({ msg, timestamp }, context) {
    const request = msg as Request;
    const reason = reasonToPassOver(request);
    if (reason !== undefined) return raise(context, reason);
    const { config } = context;
    const levels = context.table<number>("levels");
    const time = timestamp / config.halfLifeMs;
    const level = levelAfter(levels.get(request.path), time);
    // Whatever was not asked for in so long is not popular any more.
    levels.put(request.path, level, { ttlMs: 30 * config.halfLifeMs });
    choose({ path: request.path, level }, context);
    publishTable(time, context);
  },
});

/**
 * Popularity is the sum over a page's requests of 2^-(age in half-lives). Its logarithm, moved to the year 1970, does not
 * change while time passes: pages can be compared by it as they are, and requests may come in any order.
 */
function levelAfter(level: number | undefined, time: number): number {
  if (level === undefined) return time;
  return Math.max(level, time) + Math.log2(1 + 2 ** -Math.abs(level - time));
}

function reasonToPassOver({ method, path, status, user_agent }: Request): string | undefined {
  if (method !== "GET") return "not a GET";
  if (status !== "200") return `status ${status}`;
  if (/bot|crawl|spider/i.test(user_agent)) return "a robot";
  return /\.(?:css|gif|ico|jpe?g|js|png|txt|xml)$|\?/.test(path) ? "not a page" : undefined;
}

/** Puts a page among the popular ones, if it belongs there, and takes out the one that it outdoes. */
function choose(page: Page, { config, state, emit }: Context<Config>): void {
  const before = (state.get("popular") ?? []) as readonly Page[];
  const others = before.filter(({ path }) => path !== page.path);
  const last = before.at(-1);
  const isNew = others.length === before.length;
  const isFull = others.length >= config.pages;
  if (isNew && isFull && last && page.level < last.level + Math.log2(1 + config.margin)) return;
  const after = [...others, page].sort((a, b) => b.level - a.level).slice(0, config.pages);
  state.put("popular", after);
  if (!isNew) return;
  emit("web.route", { path: page.path, from: "edge" });
  if (isFull && last) emit("web.route", { path: last.path, from: "origin" });
}

/** What `fedbus state popular-pages --table top` shows: by rank, each page and its popularity by now. */
function publishTable(time: number, { state, table }: Context<Config>): void {
  const top = table("top");
  for (const [index, { path, level }] of (state.get("popular") as readonly Page[]).entries())
    top.put(String(index + 1).padStart(2, "0"), {
      path,
      popularity: Number((2 ** (level - time)).toFixed(2)),
    });
}

function raise({ table }: Context<Config>, reason: string): void {
  const counts = table<number>("passed-over");
  counts.put(reason, (counts.get(reason) ?? 0) + 1);
}
