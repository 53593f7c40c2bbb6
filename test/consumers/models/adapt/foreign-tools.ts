import type { Python } from "../../../../bench/models/python.js";

/** A model that another tool has written, and what that tool says of some rows. */
export interface ForeignModel {
  readonly name: string;
  /** Base64 of the ONNX file. */
  readonly file: string;
  readonly rows: readonly (readonly number[])[];
  readonly expected: readonly number[];
}

/**
 * Models that are fitted and exported as their tools' manuals say. PyTorch itself is too large to fetch for a test: its
 * file is written by `onnx`, with the names, the order of nodes and the layout that torch.onnx.export gives a Sequential.
 */
const script = `
import base64, json
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

random = np.random.default_rng(5)
rows = random.normal(size=(300, 4)).astype(np.float32)
labels = (rows[:, 0] + rows[:, 1] * rows[:, 2] > 0.3).astype(int)
values = rows[:, 0] * 3 + np.abs(rows[:, 3])

def told(name, file, expected):
    return {"name": name, "file": base64.b64encode(file).decode(), "rows": rows[:64].tolist(),
            "expected": np.asarray(expected, dtype=float)[:64].tolist()}

def classifier(name, model):
    model.fit(rows, labels)
    exported = to_onnx(model, rows[:1], options={"zipmap": False})
    return told(name, exported.SerializeToString(), model.predict_proba(rows)[:, 1])

def regressor(name, model):
    model.fit(rows, values)
    return told(name, to_onnx(model, rows[:1]).SerializeToString(), model.predict(rows))

def torch_like():
    shapes = {"0.weight": (8, 4), "0.bias": (8,), "2.weight": (1, 8), "2.bias": (1,)}
    weights = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    nodes = [
        helper.make_node("Gemm", ["input", "0.weight", "0.bias"], ["/0/Gemm_output_0"], "/0/Gemm", alpha=1.0, beta=1.0, transB=1),
        helper.make_node("Relu", ["/0/Gemm_output_0"], ["/1/Relu_output_0"], "/1/Relu"),
        helper.make_node("Gemm", ["/1/Relu_output_0", "2.weight", "2.bias"], ["/2/Gemm_output_0"], "/2/Gemm", alpha=1.0, beta=1.0, transB=1),
        helper.make_node("Sigmoid", ["/2/Gemm_output_0"], ["output"], "/3/Sigmoid"),
    ]
    graph = helper.make_graph(nodes, "main_graph",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()])
    model = helper.make_model(graph, producer_name="pytorch", producer_version="2.9.0",
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    wide = {name: value.astype(float) for name, value in weights.items()}
    hidden = np.maximum(rows @ wide["0.weight"].T + wide["0.bias"], 0)
    raw = (hidden @ wide["2.weight"].T + wide["2.bias"])[:, 0]
    return told("torch", model.SerializeToString(), 1 / (1 + np.exp(-raw)))

print(json.dumps([
    classifier("logistic", make_pipeline(StandardScaler(), LogisticRegression())),
    classifier("forest", RandomForestClassifier(n_estimators=10, max_depth=5, random_state=1)),
    regressor("boosting", GradientBoostingRegressor(n_estimators=20, random_state=1)),
    torch_like(),
]))
`;

export async function foreignModels(
  python: Exclude<Python, { readonly missing: string }>,
): Promise<readonly ForeignModel[]> {
  return JSON.parse(await python.run(script)) as ForeignModel[];
}
