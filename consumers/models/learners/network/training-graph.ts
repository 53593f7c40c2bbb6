import { GraphBuilder } from "../../onnx/graph-builder.js";
import { addForward, addSplit, type LayerValues, whole } from "./forward-graph.js";
import { adam, type NetworkSpec, parameterCount, placesOf } from "./network-spec.js";

/**
 * A step of training as ONNX operators: the npm build of ONNX Runtime has none of its own for this. With
 * K parameters, N rows and H outputs:
 *
 *     parameters [K], adam also: momentum [K], squares [K]
 *     rows [N, columns], targets [N, H], shares [N, 1], rate [1]
 *       > prediction [N, H] by the parameters before the step, and all vectors of K after it
 *
 * A row's share is its weight / N. The rate has Adam's corrections for the first steps in it already.
 */
interface StepInputs {
  /** parameters, then momentum and squares. */
  readonly vectors: readonly string[];
  readonly rows: string;
  readonly targets: string;
  readonly shares: string;
  readonly rate: string;
}

interface StepOutputs {
  /** parameters, then momentum and squares. */
  readonly vectors: readonly string[];
  readonly prediction: string;
}

/** Names of the vectors that a step changes. */
export function vectorNames({ optimiser }: Pick<NetworkSpec, "optimiser">): string[] {
  return optimiser === "adam" ? ["parameters", "momentum", "squares"] : ["parameters"];
}

/** Predictions without learning: rows, parameters > prediction. */
export function forwardGraph(spec: NetworkSpec): Buffer {
  const graph = new GraphBuilder("forward");
  const parameters = graph.input("parameters", [parameterCount(spec)]);
  const rows = graph.input("rows", ["N", spec.layers[0]!]);
  const { prediction } = addForward(graph, spec, rows, addSplit(graph, spec, parameters));
  graph.output(prediction, "prediction", ["N", spec.layers.at(-1)!]);
  return graph.encode();
}

/** One step: all inputs above > prediction and `next parameters` and so on. */
export function stepGraph(spec: NetworkSpec): Buffer {
  return oneStep(spec, "step", "").encode();
}

/**
 * As many steps in one run as `rows`, `targets`, `shares` and `rate` have, one more dimension in front:
 * predictions of each, and the vectors after the last. Each step is the very graph of `stepGraph`, so
 * the result has the same bits.
 */
export function scanGraph(spec: NetworkSpec): Buffer {
  const graph = new GraphBuilder("scan");
  const size = parameterCount(spec);
  const vectors = vectorNames(spec).map((name) => graph.input(name, [size]));
  const outputs = spec.layers.at(-1)!;
  const steps = [
    graph.input("rows", ["T", "N", spec.layers[0]!]),
    graph.input("targets", ["T", "N", outputs]),
    graph.input("shares", ["T", "N", 1]),
    graph.input("rate", ["T", 1]),
  ];
  const body = oneStep(spec, "scan.step", "step ");
  const scanned = graph.nodes("Scan", [...vectors, ...steps], vectors.length + 1, {
    body,
    num_scan_inputs: steps.length,
  });
  vectorNames(spec).forEach((name, index) => {
    graph.output(scanned[index]!, `next ${name}`, [size]);
  });
  graph.output(scanned.at(-1)!, "prediction", ["T", "N", outputs]);
  return graph.encode();
}

/** A graph of one step. `prefix` keeps its inputs and outputs apart from those of a graph around it. */
function oneStep(spec: NetworkSpec, name: string, prefix: string): GraphBuilder {
  const graph = new GraphBuilder(name);
  const size = parameterCount(spec);
  const outputs = spec.layers.at(-1)!;
  const stepped = addStep(graph, spec, {
    vectors: vectorNames(spec).map((vector) => graph.input(prefix + vector, [size])),
    rows: graph.input(`${prefix}rows`, ["N", spec.layers[0]!]),
    targets: graph.input(`${prefix}targets`, ["N", outputs]),
    shares: graph.input(`${prefix}shares`, ["N", 1]),
    rate: graph.input(`${prefix}rate`, [1]),
  });
  vectorNames(spec).forEach((vector, index) => {
    graph.output(stepped.vectors[index]!, `${prefix}next ${vector}`, [size]);
  });
  graph.output(stepped.prediction, `${prefix}prediction`, ["N", outputs]);
  return graph;
}

function addStep(graph: GraphBuilder, spec: NetworkSpec, inputs: StepInputs): StepOutputs {
  const [parameters = ""] = inputs.vectors;
  const layers = addSplit(graph, spec, parameters);
  const { layerInputs, prediction } = addForward(graph, spec, inputs.rows, layers);
  const error = graph.node("Sub", [prediction, inputs.targets]);
  const delta = graph.node("Mul", [error, inputs.shares]);
  const loss = addBackward(graph, spec, { layers, layerInputs, delta });
  const gradient = addPenalties(graph, spec, parameters, loss);
  const vectors =
    spec.optimiser === "adam"
      ? addAdam(graph, inputs, gradient)
      : [graph.node("Sub", [parameters, graph.node("Mul", [inputs.rate, gradient])])];
  return { vectors, prediction };
}

interface Backward {
  readonly layers: readonly LayerValues[];
  readonly layerInputs: readonly string[];
  /** The loss's derivative by the last layer's sums, [N, outputs]. */
  readonly delta: string;
}

/** The loss's derivative by all parameters, [K], layer by layer from the last (backpropagation). */
function addBackward(graph: GraphBuilder, spec: NetworkSpec, backward: Backward): string {
  const { layers, layerInputs } = backward;
  const flat = whole(graph, [-1]);
  const overRows = whole(graph, [0]);
  const parts: string[] = [];
  let { delta } = backward;
  for (let layer = layers.length - 1; layer >= 0; layer--) {
    const input = layerInputs[layer]!;
    const byWeights = graph.node("Gemm", [input, delta], { transA: 1 });
    const byBiases = graph.node("ReduceSum", [delta, overRows], { keepdims: 0 });
    parts.unshift(graph.node("Reshape", [byWeights, flat]), byBiases);
    if (layer === 0) break;
    const byInput = graph.node("Gemm", [delta, layers[layer]!.weights], { transB: 1 });
    delta = graph.node("Mul", [byInput, addSlope(graph, spec, input)]);
  }
  return graph.node("Concat", parts, { axis: 0 });
}

/** The activation's derivative, from what it made: sign(a) for relu, 1 - a² for tanh. */
function addSlope(graph: GraphBuilder, { activation }: NetworkSpec, activated: string): string {
  if (activation === "relu") return graph.node("Sign", [activated]);
  const squared = graph.node("Mul", [activated, activated]);
  return graph.node("Sub", [single(graph, 1), squared]);
}

function addPenalties(
  graph: GraphBuilder,
  spec: NetworkSpec,
  parameters: string,
  loss: string,
): string {
  let gradient = loss;
  if (spec.l2 > 0) {
    const shrink = graph.node("Mul", [onWeights(graph, spec, spec.l2), parameters]);
    gradient = graph.node("Add", [gradient, shrink]);
  }
  if (spec.l1 > 0) {
    const signs = graph.node("Sign", [parameters]);
    const shrink = graph.node("Mul", [onWeights(graph, spec, spec.l1), signs]);
    gradient = graph.node("Add", [gradient, shrink]);
  }
  return gradient;
}

/** A constant [K] with this value at weights and 0 at biases. */
function onWeights(graph: GraphBuilder, spec: NetworkSpec, value: number): string {
  const mask = new Float32Array(parameterCount(spec));
  for (const { at, biasesAt } of placesOf(spec)) mask.fill(value, at, biasesAt);
  return graph.constant([mask.length], mask);
}

function addAdam(graph: GraphBuilder, inputs: StepInputs, gradient: string): string[] {
  const [parameters = "", momentum = "", squares = ""] = inputs.vectors;
  const { beta1, beta2, epsilon } = adam;
  const nextMomentum = graph.node("Add", [
    graph.node("Mul", [momentum, single(graph, beta1)]),
    graph.node("Mul", [gradient, single(graph, 1 - beta1)]),
  ]);
  const squared = graph.node("Mul", [gradient, gradient]);
  const nextSquares = graph.node("Add", [
    graph.node("Mul", [squares, single(graph, beta2)]),
    graph.node("Mul", [squared, single(graph, 1 - beta2)]),
  ]);
  const scale = graph.node("Add", [graph.node("Sqrt", [nextSquares]), single(graph, epsilon)]);
  const step = graph.node("Mul", [inputs.rate, graph.node("Div", [nextMomentum, scale])]);
  return [graph.node("Sub", [parameters, step]), nextMomentum, nextSquares];
}

function single(graph: GraphBuilder, value: number): string {
  return graph.constant([1], Float32Array.of(value));
}
