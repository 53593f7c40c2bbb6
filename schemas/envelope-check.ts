/** What is wrong with an envelope. */
export interface EnvelopeFault {
  /** JSON pointer to the member. */
  readonly pointer: string;
  /** To follow the pointer in a sentence. */
  readonly expected: string;
}

type Members = Readonly<Record<string, unknown>>;

const optionalStrings = ["username", "source_name", "source_version"] as const;
const signatureStrings = ["crypto", "signature", "certificate"] as const;

/**
 * What keeps `value`, which is parsed JSON, from being an event's envelope. Members that fedbus does
 * not know are left alone; that the topic is inside the grammar is not looked at.
 */
export function faultInEnvelope(value: unknown): EnvelopeFault | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { pointer: "", expected: "must be an object" };
  const event = value as Members;
  if (typeof event.topic !== "string") return fault("topic", "must be a string");
  if (event.msg === undefined) return fault("msg", "must be there");
  const { msg_id: id, timestamp, i, headers } = event;
  if (id !== undefined && typeof id !== "string") return fault("msg_id", "must be a string");
  if (timestamp !== undefined && !Number.isFinite(timestamp))
    return fault("timestamp", "must be a number");
  if (i !== undefined && !Number.isInteger(i)) return fault("i", "must be an integer");
  if (headers !== undefined && (typeof headers !== "object" || Array.isArray(headers)))
    return fault("headers", "must be an object or null");
  return faultInStrings(event, optionalStrings) ?? faultInStrings(event, signatureStrings);
}

function faultInStrings(event: Members, names: readonly string[]): EnvelopeFault | undefined {
  for (const name of names) {
    const value = event[name];
    if (value !== undefined && value !== null && typeof value !== "string")
      return fault(name, "must be a string or null");
  }
  return undefined;
}

function fault(member: string, expected: string): EnvelopeFault {
  return { pointer: `/${member}`, expected };
}
