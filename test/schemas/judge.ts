import type { Envelope } from "../../schemas/envelope.js";
import type { CheckOptions, EventGate, GateResult } from "../../schemas/gate.js";

/** What the gate says of a block, with the accepted events as it has parsed them. */
export function judge(
  gate: EventGate,
  { payload, ends }: { readonly payload: Buffer; readonly ends: Uint32Array },
  options: CheckOptions = {},
): GateResult & { readonly envelopes: readonly Envelope[] } {
  const envelopes: Envelope[] = [];
  const onAccepted = (event: Envelope): void => void envelopes.push(event);
  return { ...gate.check(payload, ends, { ...options, onAccepted }), envelopes };
}
