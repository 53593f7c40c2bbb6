import { isFedbusError } from "../../../schemas/index.js";
import { valueInfo } from "../../models/onnx/graph-builder.js";
import { MessageReader } from "../../models/onnx/message-reader.js";
import { MessageWriter } from "../../models/onnx/message-writer.js";
import { readModelFile } from "../../models/onnx/model-file.js";
import { GraphSession } from "../../models/runtime/graph-session.js";
import { type Additive, linearIn } from "./additive.js";
import { graphPartsOf } from "./graph-parts.js";
import { type ScoreNode, scoreNodeIn } from "./score-node.js";
import { treesIn } from "./trees.js";

/** What each feature contributed to a prediction. */
export interface Contributions {
  /** What it would be without any. */
  readonly base: number;
  /** `base` and all contributions together: the output, before it was made a probability. */
  readonly raw: number;
  /** By the feature's column. */
  readonly of: Readonly<Record<string, number>>;
}

/** What a model's graph says of some rows on the way to its predictions. */
export interface ExplainedRows {
  /** What goes into the node that puts columns together, row after row. */
  readonly rows: Float32Array;
  /** What comes out: a score each. */
  readonly scores: Float32Array;
}

/** How far contributions may be from the score that the graph itself gives, beside its size. */
const toleranceMax = 1e-4;

/**
 * Tells what features contribute, for models in which one node puts the columns together by adding. The graph is run once
 * more, with what goes into that node and what comes out as outputs; predictions are not taken from there.
 */
export class Explainer {
  readonly #session: GraphSession;
  readonly #input: string;
  readonly #scoreNode: ScoreNode;
  readonly #additive: Additive;
  readonly #columns: readonly string[];

  private constructor(
    session: GraphSession,
    parts: { input: string; scoreNode: ScoreNode; additive: Additive; columns: readonly string[] },
  ) {
    this.#session = session;
    this.#input = parts.input;
    this.#scoreNode = parts.scoreNode;
    this.#additive = parts.additive;
    this.#columns = parts.columns;
  }

  /** Undefined for a model of which contributions are not exact and cheap. */
  static async open(file: Buffer, columns: readonly string[]): Promise<Explainer | undefined> {
    const input = readModelFile(file).graph.inputs[0]?.name ?? "";
    const found = additiveIn(file, input);
    if (found === undefined) return undefined;
    const { scoreNode, additive } = found;
    const { rows, node } = scoreNode;
    const shown = rows === input ? [node.output] : [rows, node.output];
    const session = await GraphSession.open(withOutputs(file, shown, columns.length));
    return new Explainer(session, { input, scoreNode, additive, columns });
  }

  /** Runs the graph on rows of features. Rejects with MODEL_FAILED. */
  async run(features: Float32Array): Promise<ExplainedRows> {
    const { rows, node } = this.#scoreNode;
    const width = this.#columns.length;
    const feeds = { [this.#input]: { values: features, dims: [features.length / width, width] } };
    const isPlain = rows === this.#input;
    const wanted = isPlain ? [node.output] : [rows, node.output];
    const fetched = await this.#session.run(feeds, wanted);
    return {
      rows: isPlain ? features : (fetched[rows]!.values as Float32Array),
      scores: fetched[node.output]!.values as Float32Array,
    };
  }

  /** What the columns of a row contribute; undefined if that does not come to the graph's own score. */
  explain({ rows, scores }: ExplainedRows, row: number): Contributions | undefined {
    const width = this.#columns.length;
    const parts = new Float64Array(width);
    this.#additive.addTo(parts, rows, row * width);
    const sum = parts.reduce((total, part) => total + part, this.#additive.base);
    const score = scores[row]!;
    if (!(Math.abs(sum - score) <= toleranceMax * Math.max(1, Math.abs(score)))) return undefined;
    const { factor, shift } = this.#scoreNode;
    const of = Object.fromEntries(
      this.#columns.map((column, index) => [column, parts[index]! * factor]),
    );
    return { base: this.#additive.base * factor + shift, raw: sum * factor + shift, of };
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

function additiveIn(file: Buffer, input: string) {
  try {
    const parts = graphPartsOf(file);
    const scoreNode = scoreNodeIn(parts, input);
    const node = scoreNode?.node;
    const additive = node && (linearIn(node, parts) ?? treesIn(node));
    return additive && { scoreNode: scoreNode!, additive };
  } catch (error) {
    // Written in a way that is allowed, and that nobody here writes.
    if (isFedbusError(error, "MODEL_INVALID")) return undefined;
    throw error;
  }
}

/** The file, with further values as outputs. */
function withOutputs(file: Uint8Array, values: readonly string[], width: number): Buffer {
  const model = new MessageWriter();
  const reader = new MessageReader(file);
  while (reader.next()) {
    if (reader.wire === 0) model.int(reader.field, reader.int());
    else if (reader.field !== 7) model.bytes(reader.field, reader.bytes());
    else {
      const outputs = new MessageWriter();
      for (const [index, value] of values.entries()) {
        const columns = index === values.length - 1 ? 1 : width;
        outputs.message(12, valueInfo(value, ["N", columns]));
      }
      model.bytes(7, Buffer.concat([reader.bytes(), outputs.end()]));
    }
  }
  return model.end();
}
