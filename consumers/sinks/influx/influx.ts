import { systemClock } from "../../../bus/kernel/clock.js";
import type { Delivery, Destination } from "../destination.js";
import { blame } from "../failures.js";
import type { HttpClient } from "../http/http-client.js";
import { clientFor, type HttpSurroundings, retryLimits } from "../http/http-options.js";
import { postUntilTaken, type RetryLimits } from "../http/retry.js";
import { Turns } from "../turns.js";
import { checkInfluxOptions, type InfluxOptions, influxDefaults } from "./influx-options.js";
import { encodeLine } from "./line.js";
import { PointMaker } from "./point.js";

/**
 * Writes a point for each event to InfluxDB, by line protocol over HTTP. A resend writes the same points
 * again, which changes nothing. Throws OPTIONS_INVALID.
 */
export function influx(options: InfluxOptions, surroundings: HttpSurroundings = {}): Destination {
  checkInfluxOptions(options);
  return new Influx({ ...influxDefaults, ...options }, surroundings);
}

class Influx implements Destination {
  readonly #options: InfluxOptions & typeof influxDefaults;
  readonly #url: URL;
  readonly #points: PointMaker;
  readonly #client: HttpClient;
  readonly #limits: RetryLimits;
  readonly #around: { readonly clock: () => number; readonly random: () => number };
  readonly #turns: Turns;

  constructor(options: InfluxOptions & typeof influxDefaults, around: HttpSurroundings) {
    this.#options = options;
    this.#url = writeUrl(options);
    this.#points = new PointMaker(options);
    this.#client = clientFor(options, 1, around.lookup);
    this.#limits = retryLimits(options);
    this.#around = { clock: around.clock ?? systemClock, random: around.random ?? Math.random };
    this.#turns = new Turns(`influx ${this.#url.origin}`);
  }

  deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void> {
    return this.#turns.take(signal, async () => {
      // All lines first: a refused event sends nothing.
      const lines = batch.map((delivery) => this.#line(delivery));
      for (const body of this.#bodies(lines)) await this.#send(body, signal);
    });
  }

  close(): Promise<void> {
    return this.#turns.close(async () => this.#client.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #line(delivery: Delivery): string {
    try {
      return encodeLine(this.#points.pointOf(delivery));
    } catch (error) {
      throw blame(error, delivery.offset);
    }
  }

  *#bodies(lines: readonly string[]): Generator<string> {
    const { requestLinesMax, requestBytesMax } = this.#options;
    let body: string[] = [];
    let bytes = 0;
    for (const line of lines) {
      const lineBytes = Buffer.byteLength(line) + 1;
      if (
        body.length === requestLinesMax ||
        (body.length > 0 && bytes + lineBytes > requestBytesMax)
      ) {
        yield body.join("\n");
        [body, bytes] = [[], 0];
      }
      body.push(line);
      bytes += lineBytes;
    }
    if (body.length > 0) yield body.join("\n");
  }

  async #send(body: string, signal: AbortSignal): Promise<void> {
    const { token, headers } = this.#options;
    const all = {
      "user-agent": "fedbus",
      ...(token !== undefined && { authorization: `Token ${token}` }),
      ...headers,
      "content-type": "text/plain; charset=utf-8",
    };
    const post = () => this.#client.post(this.#url, all, body, signal);
    await postUntilTaken(`influx ${this.#url.origin}`, post, this.#limits, this.#around, signal);
  }
}

/** InfluxDB 1 spells two of the precisions its own way. */
const oldPrecision = { ns: "n", us: "u", ms: "ms", s: "s" } as const;

function writeUrl(options: InfluxOptions & typeof influxDefaults): URL {
  const { url, bucket, org, database, precision } = options;
  const found = new URL(url);
  const base = found.pathname.replace(/\/$/, "");
  found.pathname = bucket === undefined ? `${base}/write` : `${base}/api/v2/write`;
  if (database !== undefined) found.searchParams.set("db", database);
  if (org !== undefined) found.searchParams.set("org", org);
  if (bucket !== undefined) found.searchParams.set("bucket", bucket);
  found.searchParams.set("precision", bucket === undefined ? oldPrecision[precision] : precision);
  return found;
}
