// Decides on each transaction: by the best model that has answered when the time is over, else by a rule of thumb.
import { type Context, consumer } from "fedbus/consumers";

/** Best first. */
export const models = ["trees", "logistic"] as const;

interface Config {
  readonly budgetMs: number;
}

interface Enriched {
  readonly tx: string;
  readonly amount: number;
}

interface Answer {
  readonly id: string;
  /** null: it had no model yet. */
  readonly output: number | null;
}

/** A transaction that waits for its decision. */
interface Waiting {
  readonly amount: number;
  readonly since: number;
  readonly answers: Readonly<Record<string, number | null>>;
}

export interface Decision {
  readonly tx: string;
  /** The model that decided, or "rule". */
  readonly by: string;
  readonly score: number;
  readonly tookMs: number;
}

/** What few people pay by card. */
const suspiciousAmount = 220;

export default consumer<Config>({
  name: "card-decide",
  version: "1.0",
  topics: ["card.enriched", "card.scored.*"],
  config: {
    type: "object",
    properties: {
      budgetMs: { type: "integer", minimum: 1, default: 250, description: "Time for an answer" },
    },
    additionalProperties: false,
  },
  key: ({ msg }) => (msg as Partial<Enriched>).tx ?? (msg as Answer).id,
  handle({ topic, msg }, context) {
    if (topic === "card.enriched") begin(msg as Enriched, context);
    else hear(msg as Answer, topic.split(".").at(-1)!, context);
  },
  timer({ key: tx }, context) {
    const waiting = context.state.get(tx) as Waiting | undefined;
    if (waiting !== undefined) decide(tx, waiting, context);
  },
});

function begin({ tx, amount }: Enriched, context: Context<Config>): void {
  const since = context.now();
  context.state.put(tx, { amount, since, answers: {} } satisfies Waiting);
  context.timers.set("log", since + context.config.budgetMs, tx);
}

/** An answer that comes too late finds nobody waiting. */
function hear({ id: tx, output }: Answer, model: string, context: Context<Config>): void {
  const before = context.state.get(tx) as Waiting | undefined;
  if (before === undefined) return;
  const waiting = { ...before, answers: { ...before.answers, [model]: output } };
  const isDone = models.every((name) => waiting.answers[name] !== undefined);
  if (isDone) decide(tx, waiting, context);
  else context.state.put(tx, waiting);
}

function decide(tx: string, { amount, since, answers }: Waiting, context: Context<Config>): void {
  const by = models.find((name) => typeof answers[name] === "number") ?? "rule";
  const score = answers[by] ?? (amount > suspiciousAmount ? 1 : 0);
  context.state.delete(tx);
  context.timers.delete("log", since + context.config.budgetMs, tx);
  const tookMs = context.now() - since;
  context.emit("card.decided", { tx, by, score, tookMs } satisfies Decision, { key: tx });
}
