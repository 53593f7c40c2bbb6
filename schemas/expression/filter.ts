import { TypeError as CelTypeError, EvaluationError, ParseError } from "@marcbachmann/cel-js";
import type { Envelope } from "../envelope.js";
import { FedbusError, isFedbusError } from "../errors.js";
import { type LinearRegExp, linearRegExp } from "../linear-regexp.js";
import { createEnvironment, safeMatches, variableNames } from "./environment.js";
import { Inspection } from "./inspect.js";
import { expressionLimits } from "./limits.js";

/** What an expression can see of an event of the log. */
export interface ExpressionEvent {
  readonly offset: number;
  readonly recordedAt: number;
  readonly envelope: Envelope;
  readonly bytes: Uint8Array;
}

type Evaluate = (variables: Readonly<Record<string, unknown>>) => unknown;

/**
 * A condition in CEL over one event, compiled once. What an event does not have, or has
 * with another type, makes the expression false. Patterns of `matches` run in linear time.
 */
export class Filter {
  readonly #evaluate: Evaluate;
  readonly #bytesMax: number;
  #tooLarge = 0;

  /**
   * `names` are what it can see besides the event, given to `test`. Throws EXPRESSION_INVALID, saying what is
   * wrong and where.
   */
  constructor(text: string, names: readonly string[] = []) {
    const { evaluate, comprehensions } = compile(text, names);
    this.#evaluate = evaluate;
    this.#bytesMax =
      comprehensions > 0 ? expressionLimits.comprehensionEventBytesMax : Number.POSITIVE_INFINITY;
  }

  /** How many events were not looked at: too large for an expression with a comprehension. */
  get tooLarge(): number {
    return this.#tooLarge;
  }

  test(event: ExpressionEvent, others?: Readonly<Record<string, unknown>>): boolean {
    if (this.#bytesMax < Number.POSITIVE_INFINITY && event.bytes.length > this.#bytesMax) {
      this.#tooLarge++;
      return false;
    }
    try {
      const variables = variablesOf(event);
      return this.#evaluate(others ? Object.assign(variables, others) : variables) === true;
    } catch (error) {
      if (error instanceof EvaluationError || error instanceof RangeError) return false;
      throw error;
    }
  }
}

function variablesOf(event: ExpressionEvent): Record<string, unknown> {
  const { envelope } = event;
  return {
    topic: envelope.topic,
    msg: envelope.msg,
    offset: BigInt(event.offset),
    recorded_at: new Date(event.recordedAt),
    timestamp: envelope.timestamp ?? null,
    msg_id: envelope.msg_id ?? null,
    i: envelope.i ?? null,
    headers: envelope.headers ?? null,
    username: envelope.username ?? null,
    source_name: envelope.source_name ?? null,
    source_version: envelope.source_version ?? null,
  };
}

function compile(
  text: string,
  names: readonly string[],
): { evaluate: Evaluate; comprehensions: number } {
  const { charactersMax } = expressionLimits;
  if (text.length > charactersMax)
    throw invalid(text, `longer than ${charactersMax} characters`, charactersMax);
  const patterns = new Map<string, LinearRegExp>();
  const environment = createEnvironment(
    (subject, pattern) => patterns.get(pattern)?.test(subject) ?? false,
    names,
  );
  const parse = (source: string) => inTerms(text, () => environment.parse(source));
  const { faults, matchesCalls, comprehensions } = new Inspection(parse(text).ast);
  const [fault] = faults;
  if (fault !== undefined) throw invalid(text, fault.message, fault.position);
  let source = text;
  for (const { position, pattern = "" } of matchesCalls) {
    patterns.set(pattern, compilePattern(text, pattern, position));
    source = source.slice(0, position) + safeMatches + source.slice(position + safeMatches.length);
  }
  const parsed = parse(source);
  const { valid, type, error } = parsed.check();
  if (!valid) throw rephrased(text, error);
  if (type !== "bool" && type !== "dyn")
    throw invalid(text, `it gives a ${type}, and not true or false`, 0);
  return { evaluate: parsed, comprehensions };
}

function compilePattern(text: string, pattern: string, position: number): LinearRegExp {
  try {
    return linearRegExp(pattern);
  } catch (error) {
    if (isFedbusError(error)) throw invalid(text, error.message, position);
    throw error;
  }
}

function inTerms<T>(text: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw rephrased(text, error);
  }
}

function rephrased(text: string, error: unknown): unknown {
  if (!(error instanceof ParseError || error instanceof CelTypeError)) return error;
  const summary = error.summary.replaceAll(safeMatches, "matches");
  return invalid(text, summary, error.range?.start ?? 0);
}

function invalid(text: string, problem: string, position: number): FedbusError {
  return new FedbusError(
    "EXPRESSION_INVALID",
    `the expression is wrong at character ${position + 1}: ${problem}`,
    {
      details: {
        expression: text.slice(0, 200),
        position,
        problem,
        remedy: `write something like: msg.user == "ralph" && offset > 100. Names are ${variableNames.join(", ")}`,
      },
    },
  );
}
