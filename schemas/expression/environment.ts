import { Environment } from "@marcbachmann/cel-js";
import { expressionLimits } from "./limits.js";

/** The name that `matches` gets before evaluation: as long, so that positions stay. */
export const safeMatches = "re2Test";

/** Tells whether `text` matches `pattern`, in linear time. */
type Matches = (text: string, pattern: string) => boolean;

const variables = {
  topic: "string",
  msg: "dyn",
  offset: "int",
  recorded_at: "google.protobuf.Timestamp",
  timestamp: "dyn",
  msg_id: "dyn",
  i: "dyn",
  headers: "dyn",
  username: "dyn",
  source_name: "dyn",
  source_version: "dyn",
} as const;

/** The names that an expression may use. */
export const variableNames: readonly string[] = Object.keys(variables);

/** JSON's numbers are doubles, and whole numbers in an expression are integers: they may mix. */
const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

/** CEL with an event's members and `names` as variables, and with a `matches` that cannot run away. */
export function createEnvironment(matches: Matches, names: readonly string[]): Environment {
  const environment = new Environment({
    limits: {
      maxAstNodes: expressionLimits.astNodesMax,
      maxDepth: expressionLimits.depthMax,
      maxListElements: expressionLimits.literalElementsMax,
      maxMapEntries: expressionLimits.literalElementsMax,
      maxCallArguments: 8,
    },
  });
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  for (const name of names) environment.registerVariable(name, "dyn");
  environment.registerFunction(`string.${safeMatches}(string): bool`, matches);
  for (const [operator, calculate] of Object.entries(arithmetic)) {
    const mixed = (a: number | bigint, b: number | bigint): number =>
      calculate(Number(a), Number(b));
    environment.registerOperator(`double ${operator} int`, mixed);
    environment.registerOperator(`int ${operator} double`, mixed);
  }
  environment.registerOperator("double % double", (a: number, b: number) => a % b);
  return environment;
}
