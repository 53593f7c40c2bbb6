import { createHash } from "node:crypto";
import type { Bus } from "../../../bus/index.js";
import type { Task } from "../../../consumers/models/learners/learner.js";
import { GraphBuilder } from "../../../consumers/models/onnx/graph-builder.js";

/** A model for tests: `a * x + b * y + bias`, through a sigmoid if it is `binary`. */
export interface LinearModel {
  readonly weights?: readonly [a: number, b: number];
  readonly bias?: number;
  readonly version?: number;
  readonly task?: Task;
  readonly classes?: readonly string[];
  /** The features; default `msg.x` and `msg.y`. */
  readonly paths?: readonly string[];
}

/** The model's file. */
export function linearFile({
  weights = [1, 1],
  bias = 0,
  version = 1,
  task = "binary",
  paths = ["msg.x", "msg.y"],
  classes,
}: LinearModel): Buffer {
  const graph = new GraphBuilder("linear");
  const input = graph.input("features", ["N", 2]);
  const matrix = graph.constant([2, 1], Float32Array.from(weights));
  const raw = graph.node("Gemm", [input, matrix, graph.constant([1], Float32Array.of(bias))]);
  graph.output(task === "binary" ? graph.node("Sigmoid", [raw]) : raw, "prediction", ["N", 1]);
  return graph.encode({ "fedbus.model": cardOf({ version, task, classes }, paths) });
}

/** A multi-layer perceptron with pseudo-random weights, wide enough for batches to take their own paths. */
export function networkFile(seed: number, version = seed): Buffer {
  const graph = new GraphBuilder("network");
  const input = graph.input("features", ["N", 2]);
  const random = (count: number, salt: number): Float32Array =>
    Float32Array.from({ length: count }, (_, index) => Math.sin(index * 12.9898 + seed + salt) / 2);
  const hidden = graph.node("Gemm", [
    input,
    graph.constant([2, 32], random(64, 1)),
    graph.constant([32], random(32, 2)),
  ]);
  const out = graph.node("Gemm", [
    graph.node("Relu", [hidden]),
    graph.constant([32, 1], random(32, 3)),
    graph.constant([1], random(1, 4)),
  ]);
  graph.output(graph.node("Sigmoid", [out]), "prediction", ["N", 1]);
  return graph.encode({ "fedbus.model": cardOf({ version, task: "binary" }, ["msg.x", "msg.y"]) });
}

/** A model of which a row's output is divided by the batch's sum: what nobody should serve in batches. */
export function neighbourlyFile(): Buffer {
  const graph = new GraphBuilder("neighbourly");
  const input = graph.input("features", ["N", 2]);
  const share = graph.node("Softmax", [input], { axis: 0 });
  const sum = graph.node("MatMul", [share, graph.constant([2, 1], Float32Array.of(1, 1))]);
  graph.output(sum, "prediction", ["N", 1]);
  return graph.encode({
    "fedbus.model": cardOf({ version: 1, task: "regression" }, ["msg.x", "msg.y"]),
  });
}

/** A model that looks `x` up in a list of three: other indices it cannot compute. */
export function indexFile(): Buffer {
  const graph = new GraphBuilder("index");
  const input = graph.input("features", ["N", 2]);
  const first = graph.node("Gather", [input, graph.constant([1], BigInt64Array.of(0n))], {
    axis: 1,
  });
  const index = graph.node("Cast", [first], { to: 7 });
  const list = graph.constant([3], Float32Array.of(10, 20, 30));
  graph.output(graph.node("Gather", [list, index]), "prediction", ["N", 1]);
  const card = { version: 1, task: "regression" as const };
  return graph.encode({ "fedbus.model": cardOf(card, ["msg.x", "msg.y"]) });
}

/** A model of three classes. */
export function classesFile(classes: readonly string[]): Buffer {
  const graph = new GraphBuilder("classes");
  const input = graph.input("features", ["N", 2]);
  const matrix = graph.constant([2, 3], Float32Array.of(1, 0, -1, 0, 1, -1));
  graph.output(graph.node("Softmax", [graph.node("MatMul", [input, matrix])]), "prediction", [
    "N",
    3,
  ]);
  const card = { version: 1, task: "classes" as const, classes };
  return graph.encode({ "fedbus.model": cardOf(card, ["msg.x", "msg.y"]) });
}

/** Puts a model beside the log; its SHA-256. */
export async function put(bus: Bus, file: Buffer): Promise<string> {
  return await bus.blobs.put(file);
}

/** Puts a model beside the log, and promotes it under `name`. */
export async function promote(bus: Bus, name: string, file: Buffer, version = 1): Promise<string> {
  const sha256 = await put(bus, file);
  await publish(bus, [{ topic: `models.${name}.promoted`, msg: { sha256, version } }]);
  return sha256;
}

export async function publish(
  bus: Bus,
  events: readonly { readonly topic: string; readonly msg: unknown }[],
): Promise<void> {
  await using publisher = bus.publisher();
  await publisher.publishMany(events);
}

export function sha256Of(file: Buffer): string {
  return createHash("sha256").update(file).digest("hex");
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function cardOf(card: object, paths: readonly string[]): string {
  const list = paths.map((path, index) => ({
    ...{ name: index === 0 ? "x" : "y", path, encoder: { kind: "number" } },
  }));
  return JSON.stringify({ ...card, features: { columns: ["x", "y"], list } });
}
