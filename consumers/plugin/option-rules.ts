import { nearest } from "../../schemas/nearest.js";

/** Says what a value must be if it is not; undefined means that it may stay. */
export type Rule = (value: unknown) => string | undefined;

/** A rule for each option, so that a new option cannot be forgotten. */
export type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

/** What is wrong with `given`, an item each. */
export function problemsByRules<Options extends object>(
  given: Options,
  rules: Rules<Options>,
): string[] {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return [`options must be an object, with ${Object.keys(rules).join(", ")}`];
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(rules, name));
  return [
    ...unknown.map((name) => unknownOption(name, Object.keys(rules))),
    ...Object.entries<Rule>(rules).flatMap(([name, rule]) => {
      const must = rule(given[name as keyof Options]);
      return must === undefined ? [] : [`${name} ${must}`];
    }),
  ];
}

function unknownOption(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const help = meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
  return `${name} is not an option: ${help}`;
}

/** May be left out. */
export function optional(rule: Rule): Rule {
  return (value) => (value === undefined ? undefined : rule(value));
}

/** Checked elsewhere. */
export const anything: Rule = () => undefined;

export const aFunction: Rule = (value) =>
  typeof value === "function" ? undefined : "must be a function";

/** A function of the configuration, or what holds to `rule`. */
export function orFunction(rule: Rule): Rule {
  return (value) => {
    if (typeof value === "function") return undefined;
    const must = rule(value);
    // What tells a mistake in a list is a sentence of its own, behind which no choice can follow.
    return must?.startsWith("must ") ? `${must}, or a function of the configuration` : must;
  };
}

/** An object of which the members hold to `rules`, and which has no others. */
export function objectOf<Options extends object>(rules: Rules<Options>): Rule {
  return (value) => {
    const [problem] = problemsByRules(value as Options, rules);
    return problem === undefined ? undefined : `is wrong: ${problem}`;
  };
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): Rule {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}`;
}

/** A number from `least` to `most`, both included. */
export function between(least: number, most: number): Rule {
  return (value) =>
    typeof value === "number" && value >= least && value <= most
      ? undefined
      : `must be a number from ${least} to ${most}`;
}

export const text: Rule = (value) =>
  typeof value === "string" && value !== "" ? undefined : "must be a text, not empty";

export const flag: Rule = (value) =>
  typeof value === "boolean" ? undefined : "must be true or false";

/** One of the given texts. */
export function oneOf(...allowed: readonly string[]): Rule {
  return (value) =>
    allowed.includes(value as string) ? undefined : `must be one of ${allowed.join(", ")}`;
}

/** An array, not empty, of which each item holds to `rule`. */
export function listOf(rule: Rule): Rule {
  return (value) => {
    if (!Array.isArray(value) || value.length === 0) return "must be a list, not empty";
    const index = value.findIndex((item) => rule(item) !== undefined);
    return index < 0 ? undefined : `[${index}] ${rule(value[index])}`;
  };
}

/** An object, not empty, of which each member holds to `rule`. */
export function mapOf(rule: Rule): Rule {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return "must be an object";
    const members = Object.entries(value);
    if (members.length === 0) return "must have a member";
    const wrong = members.find(([, member]) => rule(member) !== undefined);
    return wrong === undefined ? undefined : `${wrong[0]} ${rule(wrong[1])}`;
  };
}
