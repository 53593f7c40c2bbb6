import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError } from "../../schemas/index.js";
import type { LoggedOutput } from "./logged-outputs.js";

/** Lanes at once, at most: each is an open file. */
const lanesMax = 200;
/** Characters of a lane that are written together. */
const chunkLength = 256 * 1024;

/** Outputs whose causes never go back, in a file. */
class Lane {
  last = -1;
  readonly #file: FileHandle;
  #waiting: string[] = [];
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(output: LoggedOutput): Promise<void> {
    this.last = output.cause.offset;
    const line = `${lineOf(output)}\n`;
    this.#waiting.push(line);
    this.#length += line.length;
    if (this.#length >= chunkLength) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#file.appendFile(this.#waiting.join(""));
    this.#waiting = [];
    this.#length = 0;
  }

  async *read(): AsyncGenerator<LoggedOutput> {
    for await (const line of this.#file.readLines({ start: 0, autoClose: false }))
      yield JSON.parse(line) as LoggedOutput;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Sorts outputs by cause, on disk: in each process of a consumer causes never go back, so the log
 * holds a few sorted sequences that are merely interleaved, one more for each time the consumer was
 * rewound. Each goes to a file of its own, and reading merges the files.
 */
export class CauseLanes implements AsyncDisposable {
  readonly #dir: string;
  readonly #lanes: Lane[] = [];

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Rejects with INPUT_INVALID if the sequences are too many. */
  async fill(outputs: AsyncIterable<LoggedOutput>): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    for await (const output of outputs) await (await this.#laneFor(output)).add(output);
    for (const lane of this.#lanes) await lane.flush();
  }

  /** All of them by cause; those of one cause in the order of the log. */
  async *read(): AsyncGenerator<LoggedOutput> {
    const readers = this.#lanes.map((lane) => lane.read());
    const heads = await Promise.all(readers.map((reader) => reader.next()));
    for (;;) {
      let least = -1;
      for (const [index, { done }] of heads.entries())
        if (done !== true && (least < 0 || isBefore(heads[index]!.value, heads[least]!.value)))
          least = index;
      if (least < 0) return;
      yield heads[least]!.value as LoggedOutput;
      heads[least] = await readers[least]!.next();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const lane of this.#lanes) await lane.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** The lane whose last cause is nearest before, so that there are as few as can be. */
  async #laneFor({ cause }: LoggedOutput): Promise<Lane> {
    let found: Lane | undefined;
    for (const lane of this.#lanes)
      if (lane.last <= cause.offset && (found === undefined || lane.last > found.last))
        found = lane;
    if (found !== undefined) return found;
    if (this.#lanes.length >= lanesMax)
      throw new FedbusError("INPUT_INVALID", `the outputs' causes go back over ${lanesMax} times`, {
        details: { remedy: "compare a smaller range" },
      });
    const lane = new Lane(await open(join(this.#dir, `${this.#lanes.length}.ndjson`), "w+"));
    this.#lanes.push(lane);
    return lane;
  }
}

/** On one line for every reader: from Node 24 on these two end a line too, and JSON leaves them as they are. */
function lineOf(output: LoggedOutput): string {
  return JSON.stringify(output).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

function isBefore(a: LoggedOutput, b: LoggedOutput): boolean {
  return (
    a.cause.offset < b.cause.offset || (a.cause.offset === b.cause.offset && a.offset < b.offset)
  );
}
