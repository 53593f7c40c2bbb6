import * as http from "node:http";
import * as https from "node:https";
import type { AddressGuard } from "./address-guard.js";

/** What a server said. The body is cut at the limit. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpClientOptions {
  readonly guard: AddressGuard;
  /** For one request, from its start until its answer has been read. */
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  /** Connections at a time. */
  readonly connectionsMax: number;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string | undefined;
}

const headerBytesMax = 16 * 1024;

/**
 * Posts to one server, over connections that are kept. Redirects are answers like any other, since the
 * place that they name has been checked by nobody.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent };

  constructor(options: HttpClientOptions) {
    this.#options = options;
    const pool = { keepAlive: true, maxSockets: options.connectionsMax };
    this.#agents = {
      http: new http.Agent(pool),
      https: new https.Agent({ ...pool, ...(options.ca !== undefined && { ca: options.ca }) }),
    };
  }

  /** The answer, whatever its status. Rejects with what the guard or the connection threw. */
  async post(
    url: URL,
    headers: http.OutgoingHttpHeaders,
    body: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    this.#options.guard.check(url);
    const abort = new AbortController();
    const stop = (): void => abort.abort(signal.reason);
    const { timeoutMs } = this.#options;
    const late = new Error(`no answer within ${timeoutMs} ms`);
    const timer = setTimeout(() => abort.abort(late), timeoutMs);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await this.#read(await this.#request(url, headers, body, abort.signal));
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #request(
    url: URL,
    headers: http.OutgoingHttpHeaders,
    body: string,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const tls = url.protocol === "https:";
    return new Promise((resolve, reject) => {
      const request = (tls ? https : http).request(url, {
        method: "POST",
        agent: tls ? this.#agents.https : this.#agents.http,
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        lookup: this.#options.guard.lookup,
        maxHeaderSize: headerBytesMax,
        signal,
      });
      request.once("response", resolve);
      // Stays: a server that answers early may also reset the rest of the request.
      request.on("error", reject);
      request.end(body);
    });
  }

  /** The status has settled the delivery; a body that is too long, or breaks off, is shown cut. */
  async #read(response: http.IncomingMessage): Promise<Answer> {
    const { answerBytesMax } = this.#options;
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        bytes += chunk.length;
        // Leaving the loop destroys the connection.
        if (bytes > answerBytesMax) break;
      }
    } catch {}
    const body = Buffer.concat(chunks).subarray(0, answerBytesMax).toString();
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }
}
