import type {
  Effects,
  ExplainedCause,
  ExplainedRetry,
  Explanation,
  Inputs,
  OutputCause,
  Rerun,
} from "../../replay/index.js";
import { showMany, showTime } from "../render/amounts.js";
import type { Colours } from "../render/colours.js";
import { escapeText } from "../render/escape.js";

/** Characters of a body in a line. */
const bodyLengthMax = 160;

/** An event and its causes, as a tree. */
export function explanationText(explanation: Explanation, colours: Colours): string {
  return `${linesOfEvent(explanation, colours).join("\n")}\n`;
}

function linesOfEvent(explanation: Explanation, colours: Colours): string[] {
  const { corrects, cause, claim, retried } = explanation;
  return [
    eventLine(explanation, colours),
    ...(corrects === undefined ? [] : [colours.dim(`│  it corrects #${corrects}`)]),
    ...(claim === undefined ? [] : [colours.dim(`│  ${claimText(claim)}`)]),
    ...(cause !== undefined
      ? linesOfCause(cause, colours)
      : retried !== undefined
        ? linesOfRetry(retried, colours)
        : [colours.dim("└─ a source event: no consumer published it")]),
  ];
}

function linesOfRetry(retried: ExplainedRetry, colours: Colours): string[] {
  const { consumer, deadLetter, offset, event, isProven } = retried;
  if (!isProven) {
    const claim = `it claims to be a retry of #${offset}, but carries something else`;
    return [colours.dim(`└─ a source event: ${claim}`)];
  }
  const name = colours.bold(escapeText(consumer));
  return [
    `└─ a retry for ${name}, of dead letter #${escapeText(String(deadLetter))}`,
    ...indented(offset, event, colours),
  ];
}

function claimText({ consumer, offset }: OutputCause): string {
  return `it claims that ${escapeText(consumer)} made it of #${offset}, which is not proven: another program published it`;
}

function linesOfCause(cause: ExplainedCause, colours: Colours): string[] {
  const { consumer, version, key, window, event, inputs, offset } = cause;
  const facts = [
    `by ${colours.bold(escapeText(consumer))} ${escapeText(version)}`,
    ...(key === undefined ? [] : [`key ${escapeText(key)}`]),
    ...(window === undefined ? [] : [`window ${window.map(showTime).join(" to ")}`]),
  ].join(", ");
  return [
    `└─ ${facts}`,
    ...(inputs === undefined
      ? [colours.dim("   │  its plugin is not known here: name it with --plugin to see all inputs")]
      : linesOfInputs(inputs, offset, colours)),
    ...indented(offset, event, colours),
  ];
}

/** The event below what it caused. */
function indented(offset: number, event: Explanation | undefined, colours: Colours): string[] {
  const lines =
    event === undefined
      ? [`#${offset} ${colours.dim("(retention has removed it)")}`]
      : linesOfEvent(event, colours);
  return lines.map((line, index) => `   ${index === 0 ? "└─ " : "   "}${line}`);
}

const chosen: Readonly<Record<Inputs["by"], string>> = {
  "key and window": "of that key and window, by the plugin's own key and time",
  key: "of that key up to then, by the plugin's own key",
  window: "of that window, by the plugin's own time",
  order: "it had read up to then; which of them mattered, only --run can tell",
};

function linesOfInputs({ by, count, last }: Inputs, offset: number, { dim }: Colours): string[] {
  const before = last.filter((one) => one.offset !== offset).map((one) => `#${one.offset}`);
  const list =
    by === "order" || before.length === 0
      ? ""
      : `: ${count > last.length ? "… " : ""}${before.join(" ")}`;
  return [dim(`   │  ${showMany(count, "event")} ${chosen[by]}${list}`)];
}

function eventLine(
  {
    offset,
    topic,
    msg,
  }: { readonly offset: number; readonly topic: string; readonly msg: unknown },
  colours: Colours,
): string {
  const text = JSON.stringify(msg) ?? "";
  const body = text.length <= bodyLengthMax ? text : `${text.slice(0, bodyLengthMax)}…`;
  return `#${offset} ${colours.cyan(escapeText(topic))} ${escapeText(body)}`;
}

/** What came of an event, as a tree. */
export function effectsText({ effects, isCut }: Effects, from: number, colours: Colours): string {
  const byCause = new Map<number, (typeof effects)[number][]>();
  for (const effect of effects) {
    const siblings = byCause.get(effect.causedBy);
    if (siblings === undefined) byCause.set(effect.causedBy, [effect]);
    else siblings.push(effect);
  }
  const lines: string[] = [];
  const waiting = (byCause.get(from) ?? []).map((effect) => ({ effect, depth: 0 })).reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { effect, depth } = next;
    const by = colours.dim(`by ${escapeText(effect.consumer)}`);
    lines.push(`${"   ".repeat(depth)}└─ ${eventLine(effect, colours)} ${by}`);
    const below = byCause.get(effect.offset) ?? [];
    waiting.push(...below.map((one) => ({ effect: one, depth: depth + 1 })).reverse());
  }
  if (lines.length === 0) return "nothing came of it\n";
  const more = isCut ? ["… and more"] : [];
  return `came of it:\n${[...lines, ...more].join("\n")}\n`;
}

const slices: Readonly<Record<Rerun["slice"], string>> = {
  event: "the event that caused it, run alone,",
  keys: "the events of its group of keys, run from the beginning,",
  all: "all events, run from the beginning,",
};
const verdicts: Readonly<Record<Rerun["same"], Readonly<Record<"one" | "many", string>>>> = {
  bytes: { one: "gives the same bytes", many: "give the same bytes" },
  content: {
    one: "gives the same content; what a version or a promotion writes differs",
    many: "give the same content; what a version or a promotion writes differs",
  },
  no: { one: "does not give it", many: "do not give it" },
};

/** What a rerun has shown. */
export function rerunText(
  { slice, from, to, same, output, fields }: Rerun,
  colours: Colours,
): string {
  const paint = same === "no" ? colours.red : colours.green;
  const range = slice === "event" ? `#${from}` : `#${from} to #${to - 1}`;
  const verdict = verdicts[same][slice === "event" ? "one" : "many"];
  const told = fields.map(
    (field) =>
      `  ${escapeText(field.path)}: ${escapeText(JSON.stringify(field.old) ?? "nothing")} → ${escapeText(JSON.stringify(field.new) ?? "nothing")}`,
  );
  const none =
    same === "no" && output === undefined
      ? ["  no output of that cause, topic, key and window"]
      : [];
  return `${[paint(`${slices[slice]} ${verdict} (${range})`), ...told, ...none].join("\n")}\n`;
}
