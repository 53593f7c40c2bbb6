import { type Bus, type BusEvent, openBus } from "../../bus/index.js";
import { ModelSession } from "../../consumers/models/runtime/model-session.js";
import { type ModelCard, modelCardIn } from "../../consumers/serve/model-card.js";
import { loadModel } from "../../consumers/serve/model-loader.js";
import type { ServedModel } from "../../consumers/serve/served-model.js";
import { type ErrorJson, FedbusError, isFedbusError } from "../../schemas/errors.js";
import { BodyEnvelopes } from "../input/body-envelopes.js";
import type { InputLine } from "../input/lines.js";
import { decisionOf } from "./decision.js";
import { DeclaredValues } from "./declared-values.js";

/** What a model says of a line: a number, or one for each class; or why it says nothing. */
export type LinePrediction = {
  readonly line: number;
  /** Of an event that came out of a log. */
  readonly offset?: number;
  /** The paths of its features that count as missing, if there are some. */
  readonly missing?: readonly string[];
} & (
  | { readonly output: number | readonly number[]; readonly decision?: unknown }
  | { readonly error: ErrorJson }
);

/** A line that can be scored. */
interface Row {
  readonly line: number;
  readonly offset?: number;
  /** An event's envelope, */
  readonly envelope?: Buffer;
  /** or the model's inputs themselves. */
  readonly values?: readonly unknown[];
}

const rowsMax = 256;

/** Scores lines of JSON: events, bodies of events, or arrays of the model's inputs. */
export class LinePredictor implements AsyncDisposable {
  readonly #bytes: Buffer;
  readonly #sha256: string;
  readonly #card: ModelCard;
  readonly #threshold: number;
  readonly #envelopes: BodyEnvelopes;
  readonly #declared: DeclaredValues;
  #scratch: Bus | undefined;
  #model: ServedModel | undefined;
  #session: ModelSession | undefined;

  /** Throws MODEL_INVALID. */
  constructor(
    model: { readonly bytes: Buffer; readonly sha256: string },
    {
      threshold = 0.5,
      version,
    }: { readonly threshold?: number | undefined; readonly version: string },
  ) {
    this.#bytes = model.bytes;
    this.#sha256 = model.sha256;
    this.#card = modelCardIn(model.bytes);
    this.#declared = new DeclaredValues(this.#card.features);
    this.#threshold = threshold;
    this.#envelopes = new BodyEnvelopes(version);
  }

  /** By path: values so far that are no numbers where the model wants numbers; they counted as missing. */
  get texts(): ReadonlyMap<string, number> {
    return this.#declared.texts;
  }

  /** In the lines' order. Rejects with what opening the model rejects with. */
  async predict(lines: readonly InputLine[]): Promise<LinePrediction[]> {
    const predictions: LinePrediction[] = [];
    for (let from = 0; from < lines.length; from += rowsMax)
      predictions.push(...(await this.#some(lines.slice(from, from + rowsMax))));
    return predictions.sort((a, b) => a.line - b.line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model?.close();
    await this.#session?.close();
    await this.#scratch?.close();
  }

  async #some(lines: readonly InputLine[]): Promise<LinePrediction[]> {
    const rows: Row[] = [];
    const failed: LinePrediction[] = [];
    for (const line of lines) {
      try {
        rows.push(this.#rowOf(line));
      } catch (error) {
        failed.push({ line: line.number, error: asJson(error) });
      }
    }
    const events = rows.filter(({ envelope }) => envelope !== undefined);
    const arrays = rows.filter(({ values }) => values !== undefined);
    return [...failed, ...(await this.#ofEvents(events)), ...(await this.#ofArrays(arrays))];
  }

  #rowOf({ number: line, bytes }: InputLine): Row {
    const value = parse(bytes);
    if (Array.isArray(value)) return { line, values: value as unknown[] };
    const { offset, event } = (value ?? {}) as {
      readonly offset?: unknown;
      readonly event?: unknown;
    };
    const at = Number.isSafeInteger(offset) ? { offset: offset as number } : {};
    // As `query --json` and `log export` write them.
    if (isEnvelope(event)) return { line, ...at, envelope: Buffer.from(JSON.stringify(event)) };
    if (isEnvelope(value)) return { line, envelope: bytes };
    if (isObject(value) && isObject(value.msg) && !this.#declared.readsBelow("msg"))
      return { line, envelope: this.#withTopic(value) };
    return { line, envelope: this.#envelopes.write("event", bytes) };
  }

  /** An event that says all but its topic. */
  #withTopic(value: Readonly<Record<string, unknown>>): Buffer {
    const written = this.#envelopes.write("event", Buffer.from(JSON.stringify(value.msg)));
    const whole = { ...(JSON.parse(written.toString("utf8")) as object), ...value };
    return Buffer.from(JSON.stringify({ ...whole, topic: "event" }));
  }

  /** A log in memory makes events of envelopes, and refuses what is none. */
  async #ofEvents(rows: readonly Row[]): Promise<LinePrediction[]> {
    if (rows.length === 0) return [];
    const ref = { sha256: this.#sha256 };
    const options = { features: undefined, config: {}, batchRowsMax: rowsMax };
    this.#model ??= await loadModel(this.#bytes, ref, options);
    this.#scratch ??= await openBus();
    await using publisher = this.#scratch.publisher();
    const { head } = await this.#scratch.source.info();
    const outcomes = await publisher.publishEnvelopes(rows.map(({ envelope }) => envelope!));
    const events: BusEvent[] = [];
    for await (const event of this.#scratch.query({ from: head })) events.push(event);
    const { values, outputs, failures } = await this.#model.score(events);
    let scored = 0;
    return outcomes.map((outcome, index) => {
      const row = rows[index]!;
      if ("error" in outcome) return told(row, { error: outcome.error });
      const at = scored++;
      if (failures.has(at)) return told(row, { error: asJson(failures.get(at)) });
      const said = values.subarray(at * outputs, (at + 1) * outputs);
      return this.#saidOf(row, events[at]!, said);
    });
  }

  #saidOf(row: Row, event: BusEvent, values: Float32Array): LinePrediction {
    try {
      const missing = this.#declared.check(event);
      return { ...this.#said(row, values), ...(missing.length > 0 && { missing }) };
    } catch (error) {
      return told(row, { error: asJson(error) });
    }
  }

  async #ofArrays(rows: readonly Row[]): Promise<LinePrediction[]> {
    if (rows.length === 0) return [];
    const { output, features } = this.#card;
    this.#session ??= await ModelSession.open(this.#bytes, output === undefined ? {} : { output });
    const width = features?.columns.length ?? this.#session.width;
    const predictions: LinePrediction[] = [];
    for (const row of rows) {
      try {
        const values = numbersOf(row.values!, width);
        predictions.push(this.#said(row, await this.#session.run(values, values.length)));
      } catch (error) {
        predictions.push(told(row, { error: asJson(error) }));
      }
    }
    return predictions;
  }

  #said(row: Row, values: Float32Array): LinePrediction {
    if (!values.every(Number.isFinite))
      return told(row, { error: { code: "MODEL_FAILED", message: "it gives no finite number" } });
    const output = values.length === 1 ? values[0]! : [...values];
    const decision = decisionOf(this.#card, values, this.#threshold);
    return told(row, { output, ...(decision !== undefined && { decision }) });
  }
}

function told<Said extends object>({ line, offset }: Row, said: Said) {
  return { line, ...(offset !== undefined && { offset }), ...said };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new FedbusError("JSON_INVALID", `the line is not JSON: ${(error as Error).message}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEnvelope(value: unknown): boolean {
  const { topic, msg } = (value ?? {}) as { readonly topic?: unknown; readonly msg?: unknown };
  return typeof topic === "string" && msg !== undefined;
}

/** Numbers; null is missing. Throws INPUT_INVALID. */
function numbersOf(values: readonly unknown[], width: number | undefined): Float32Array {
  if (width !== undefined && values.length !== width)
    throw new FedbusError(
      "INPUT_INVALID",
      `the model takes ${width} numbers, not ${values.length}`,
    );
  return Float32Array.from(values, (value) => {
    if (value === null) return Number.NaN;
    if (typeof value === "number" || typeof value === "boolean") return Number(value);
    throw new FedbusError("INPUT_INVALID", "the model's inputs are numbers, or null for missing");
  });
}

function asJson(error: unknown): ErrorJson {
  if (isFedbusError(error)) return error.toJSON();
  return { code: "MODEL_FAILED", message: error instanceof Error ? error.message : String(error) };
}
