import { FedbusError } from "../../../schemas/errors.js";

/** An input or output of a model. */
export interface Port {
  readonly name: string;
  /** Type of a tensor's elements as ONNX names it, such as `float`; "" for what is no tensor. */
  readonly type: string;
  /** Sizes; a name or "" for one that is open. Empty also where not even their number is said. */
  readonly dims: readonly (number | string)[];
}

const inputTypes: readonly string[] = ["float", "double"];
const outputTypes: readonly string[] = ["float", "double", "int64", "int32", "uint8", "bool"];

/** The one input of a model from rows of numbers to rows of numbers. Throws MODEL_REFUSED. */
export function inputOf(inputs: readonly Port[]): Port {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1)
    throw refused(
      `it has ${inputs.length} inputs (${namesOf(inputs)}): export it with one, [N, features]`,
    );
  const [rows, ...rest] = input.dims;
  if (!inputTypes.includes(input.type) || rest.length !== 1)
    throw refused(`its input ${describe(input)} must be floats [N, features]`);
  if (typeof rows === "number" && rows !== 1)
    throw refused(`its input ${describe(input)} takes just ${rows} rows: leave their number open`);
  return input;
}

/** The output that predicts: the one `wanted`, or else the only one, or `prediction`. Throws MODEL_REFUSED. */
export function outputOf(outputs: readonly Port[], wanted?: string): Port {
  const name = wanted ?? (outputs.length === 1 ? outputs[0]?.name : "prediction");
  const output = outputs.find((one) => one.name === name);
  if (output === undefined)
    throw refused(
      wanted === undefined
        ? `it has the outputs ${namesOf(outputs)}: say which one predicts${wayOut(outputs)}`
        : `it has no output ${wanted}, but ${namesOf(outputs)}${wayOut(outputs)}`,
    );
  if (output.type === "")
    throw refused(`its output ${output.name} is a sequence or map${wayOut([output])}`);
  if (!outputTypes.includes(output.type))
    throw refused(`its output ${describe(output)} must be numbers [N] or [N, outputs]`);
  return output;
}

/** How maps become tensors, if one of the outputs is none: most who meet one exported a classifier. */
function wayOut(outputs: readonly Port[]): string {
  if (outputs.every(({ type }) => type !== "")) return "";
  return `; export it as a tensor (skl2onnx: options={"zipmap": False})`;
}

function describe({ name, type, dims }: Port): string {
  return `${name} (${type} [${dims.join(", ")}])`;
}

function namesOf(ports: readonly Port[]): string {
  return ports
    .map(({ name, type }) => (type === "" ? `${name} (a sequence or map)` : name))
    .join(", ");
}

function refused(why: string): FedbusError {
  return new FedbusError("MODEL_REFUSED", `the model is refused: ${why}`);
}
