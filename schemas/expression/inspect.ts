import type { ASTNode } from "@marcbachmann/cel-js";
import { expressionLimits } from "./limits.js";

const comprehensions = new Set(["all", "exists", "exists_one", "map", "filter"]);

/** What is not allowed in an expression, and where. */
interface ExpressionFault {
  readonly message: string;
  readonly position: number;
}

/** A call of `matches`: where the name stands, and the pattern if it is written out. */
interface MatchesCall {
  readonly position: number;
  readonly pattern: string | undefined;
}

/** What a walk over a parsed expression finds out. */
export class Inspection {
  readonly faults: ExpressionFault[] = [];
  readonly matchesCalls: MatchesCall[] = [];
  comprehensions = 0;

  constructor(ast: ASTNode) {
    this.#visit(ast, false);
  }

  #visit(node: ASTNode, inComprehension: boolean): void {
    if (node.op !== "rcall") {
      for (const child of childrenOf(node.args)) this.#visit(child, inComprehension);
      return;
    }
    const [name, receiver, parameters] = node.args;
    this.#visit(receiver, inComprehension);
    const isComprehension = comprehensions.has(name);
    if (isComprehension) this.#takeComprehension(node.start, inComprehension);
    else if (name === "matches") this.#takeMatches(node.input, receiver, parameters);
    else if (name === "bind") this.#fault("`bind` is not available", node.start);
    for (const child of parameters) this.#visit(child, inComprehension || isComprehension);
  }

  #takeComprehension(position: number, nested: boolean): void {
    const { comprehensionsMax } = expressionLimits;
    this.comprehensions++;
    if (nested) this.#fault("a comprehension cannot stand inside another", position);
    else if (this.comprehensions > comprehensionsMax)
      this.#fault(`more than ${comprehensionsMax} comprehensions`, position);
  }

  #takeMatches(input: string, receiver: ASTNode, parameters: readonly ASTNode[]): void {
    const [first] = parameters;
    const position = input.indexOf("matches", receiver.end);
    const pattern =
      first?.op === "value" && typeof first.args === "string" ? first.args : undefined;
    if (pattern === undefined)
      this.#fault("`matches` takes a pattern in quotes", first?.start ?? position);
    this.matchesCalls.push({ position, pattern });
  }

  #fault(message: string, position: number): void {
    this.faults.push({ message, position });
  }
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  const isNode = typeof args === "object" && args !== null && "op" in args;
  return isNode ? [args as ASTNode] : [];
}
