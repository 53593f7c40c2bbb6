/** A member of a configuration's JSON Schema. */
export type Member = Readonly<Record<string, unknown>>;

/** The JSON Schema of a configuration. */
export interface ConfigSchema extends Member {
  readonly type: "object";
  readonly additionalProperties: false;
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, Member>>;
}

export function configOf(
  required: readonly string[],
  properties: Readonly<Record<string, Member>>,
): ConfigSchema {
  return { type: "object", additionalProperties: false, required, properties };
}

export function textMember(description: string, fallback?: string): Member {
  return { type: "string", description, ...(fallback !== undefined && { default: fallback }) };
}

export function wholeMember(description: string, fallback?: number): Member {
  return {
    type: "integer",
    minimum: 0,
    description,
    ...(fallback !== undefined && { default: fallback }),
  };
}

export function flagMember(description: string, fallback?: boolean): Member {
  return { type: "boolean", description, ...(fallback !== undefined && { default: fallback }) };
}

export function choiceMember(
  description: string,
  choices: readonly string[],
  fallback?: string,
): Member {
  return { enum: choices, description, ...(fallback !== undefined && { default: fallback }) };
}

export function textsMember(description: string): Member {
  return { type: "array", items: { type: "string" }, description };
}

/** An object whose members are texts, or what `also` says. */
export function mapMember(description: string, also?: Member): Member {
  const text = { type: "string" };
  const additionalProperties = also === undefined ? text : { anyOf: [text, also] };
  return { type: "object", additionalProperties, description };
}

/** Where a value is, and its type. */
export function sourceMember(type: Member): Member {
  return { ...configOf(["from"], { from: { type: "string" }, type }) };
}
